import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import {
  type CallTimeouts,
  RedisCalls,
  type Script,
  script,
  textOf,
  usualTimeouts,
} from './redis-calls.ts'
import type { RedisClient } from './redis-client.ts'
import { RedisHealth } from './redis-health.ts'
import { NO_ANSWER } from './settle-in-time.ts'

export interface RedisLinkDeps {
  readonly client: RedisClient
  /** Key of the heartbeat. It is lost with everything else when Redis is flushed. */
  readonly heartbeatKey: string
  readonly clock: Clock
  readonly log: Log
  /** Usual ones unless given. */
  readonly timeouts?: CallTimeouts | undefined
  /** Redis can be used; `lost`: true if it was away or flushed, and so may have lost its data. */
  readonly onUp: (lost: boolean) => void
}

const HEARTBEAT_MS = 1000
const HEARTBEAT_WHEN_DOWN_MS = 250
const HEARTBEAT_AT_START_MS = 20
/** Unanswered heartbeats: TCP notices a vanished host only after a quarter of an hour. */
const RECONNECT_AFTER = 4

/**
 * What our scripts send. Redis 7 tells before whether the user may: what an ACL refuses inside a script is an error of
 * that one call, and looks like a mistake of ours.
 */
const COMMANDS = [
  ...['DEL', 'EXISTS', 'GET', 'GETRANGE', 'SET', 'STRLEN', 'UNLINK', 'PEXPIRE', 'TIME'],
  ...['HDEL', 'HGET', 'HGETALL', 'HINCRBY', 'HLEN', 'HMGET', 'HSET', 'HSTRLEN'],
  ...['ZADD', 'ZCARD', 'ZRANGE', 'ZRANGEBYSCORE', 'ZREM', 'ZREVRANGE', 'ZSCORE'],
]

/**
 * The heartbeat writes, because a Redis that is full, read-only or no longer the master still answers
 * reads. It answers with the first value that was written, so another value shows that Redis was
 * flushed, restored from a backup, or replaced by another server.
 */
const HEARTBEAT = script(`
for _, command in ipairs({${COMMANDS.map((name) => `'${name}'`).join(',')}}) do
  if not redis.acl_check_cmd then break end
  for _, key in ipairs(KEYS) do
    if not redis.acl_check_cmd(command, key) then
      return redis.error_reply('NOPERM the user of REDIS_URL may not use ' .. command .. ' on ' .. key)
    end
  end
end
local epoch = string.sub(redis.call('GET', KEYS[1]) or ARGV[1], 1, 40)
redis.call('SET', KEYS[1], epoch)
return epoch`)

/** Redis as the index uses it: while it is not `up`, every call rejects at once. */
export class RedisLink {
  readonly #client: RedisClient
  readonly #heartbeatKey: string
  readonly #log: Log
  readonly #onUp: (lost: boolean) => void
  readonly #health: RedisHealth
  readonly #calls: RedisCalls
  readonly #tried = Promise.withResolvers<void>()
  #timer: NodeJS.Timeout | undefined
  #closed = false
  /** What the last heartbeat answered. */
  #epoch: string | undefined
  #unanswered = 0

  constructor(deps: RedisLinkDeps) {
    this.#client = deps.client
    this.#heartbeatKey = deps.heartbeatKey
    this.#log = deps.log
    this.#onUp = deps.onUp
    this.#health = new RedisHealth(deps)
    this.#calls = new RedisCalls(deps.client, deps.timeouts ?? usualTimeouts, (outcome) =>
      this.#health.noteOutcome(outcome),
    )
    void this.#beat()
  }

  get up(): boolean {
    return this.#health.up
  }

  /** Resolves when Redis is up, or when the time that a start may wait for it is over. */
  get tried(): Promise<void> {
    return this.#tried.promise
  }

  /** See RedisCalls.send. */
  send(command: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.up ? this.#calls.send(command, args) : this.#refuse()
  }

  /** See RedisCalls.run. */
  run(what: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.up ? this.#calls.run(what, keys, args) : this.#refuse()
  }

  /** See RedisCalls.post. */
  post(what: Script, keys: readonly string[], args: readonly (string | number)[]): void {
    this.#calls.post(what, keys, args)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#health.close()
    this.#tried.resolve()
    this.#client.close()
  }

  #refuse(): Promise<never> {
    return Promise.reject(new Error(`Redis cannot be used: ${this.#health.why}`))
  }

  async #beat(): Promise<void> {
    await this.#heartbeat()
    if (!this.#health.starting) this.#tried.resolve()
    if (this.#closed) return
    const whenDown = this.#health.starting ? HEARTBEAT_AT_START_MS : HEARTBEAT_WHEN_DOWN_MS
    this.#timer = setTimeout(() => void this.#beat(), this.up ? HEARTBEAT_MS : whenDown)
  }

  async #heartbeat(): Promise<void> {
    const fresh = randomBytes(8).toString('hex')
    try {
      const epoch = String(await this.#calls.run(HEARTBEAT, [this.#heartbeatKey], [fresh]))
      this.#unanswered = 0
      const wasFlushed = this.#epoch !== undefined && this.#epoch !== epoch
      this.#epoch = epoch
      if (this.up && wasFlushed) {
        this.#log.warn('Redis lost what it held: it is told again')
        this.#onUp(true)
      }
      this.#health.noteHeartbeat()
    } catch (error) {
      const text = textOf(error)
      this.#health.down(this.#client.lastError ?? text)
      this.#unanswered = text.includes(NO_ANSWER) ? this.#unanswered + 1 : 0
      if (this.#unanswered > 0 && this.#unanswered % RECONNECT_AFTER === 0) this.#client.reconnect()
    }
  }
}
