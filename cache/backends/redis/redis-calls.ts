import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client.ts'
import { settleInTime } from './settle-in-time.ts'

type Arguments = readonly (string | number)[]

/** A Lua script. It is sent by its hash as long as Redis knows it. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

export const script = (lua: string): Script => ({
  lua,
  sha: createHash('sha1').update(lua).digest('hex'),
})

/** In a script: `now` in milliseconds of Redis' own clock. */
export const NOW_MS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * In a script: milliseconds that nothing of ours lasts, where so many are asked for now.
 * @param asked such as `ARGV[3]`
 */
export const longestOf = (asked: string): string => `math.max(${asked} * 10, 600000)`

/** What a call has shown about Redis itself, whatever the call was for. */
export type Outcome = { readonly kind: 'fine' | 'slow' } | { readonly kind: 'failed'; why: string }

/**
 * A play asks the index several times before its first byte, and all of that may cost it 500 ms. One
 * timeout, or two slow answers in a row (redis-health.ts), put Redis out of use: 480 ms at most.
 */
const TIMEOUT_MS = 240
const SLOW_MS = 100
export const SLOW_ANSWERS = `answers took more than ${SLOW_MS} ms`

/** Milliseconds after which an answer is slow, and after which it is no longer waited for. */
export interface CallTimeouts {
  readonly slowMs: number
  readonly timeoutMs: number
}

export const usualTimeouts: CallTimeouts = { slowMs: SLOW_MS, timeoutMs: TIMEOUT_MS }

/** Errors about the keys or the script of one call. All others are about Redis itself. */
const CALL_ERROR = /^(ERR|WRONGTYPE|NOSCRIPT)\b/

export const textOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const isCallError = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && CALL_ERROR.test(error.message)

/** Calls to Redis with a time limit each; reports every outcome. */
export class RedisCalls {
  readonly #client: RedisClient
  readonly #timeouts: CallTimeouts
  readonly #onOutcome: (outcome: Outcome) => void

  constructor(client: RedisClient, timeouts: CallTimeouts, onOutcome: (outcome: Outcome) => void) {
    this.#client = client
    this.#timeouts = timeouts
    this.#onOutcome = onOutcome
  }

  /** One round trip. @throws Error that names neither the command nor its arguments */
  async send(command: string, args: Arguments): Promise<unknown> {
    let kind: 'fine' | 'slow' = 'fine'
    const onSlow = () => {
      kind = 'slow'
    }
    try {
      const sent = this.#client.send(command, args)
      const reply = await settleInTime(sent, { ...this.#timeouts, onSlow })
      this.#onOutcome({ kind })
      return reply
    } catch (error) {
      const why = textOf(error)
      const failure = { kind: 'failed', why: this.#client.lastError ?? why } as const
      this.#onOutcome(isCallError(error) ? { kind } : failure)
      // A new error: the one of ioredis holds the command's arguments (source lists, passwords).
      throw new Error(`Redis: ${why}`)
    }
  }

  /** Runs a script. A key with a type that is not ours is deleted, and the script runs once more. */
  async run(what: Script, keys: readonly string[], args: Arguments): Promise<unknown> {
    try {
      return await this.#evaluate(what, keys, args)
    } catch (error) {
      if (!textOf(error).includes('WRONGTYPE')) throw error
      await this.send('DEL', keys)
      return this.#evaluate(what, keys, args)
    }
  }

  /** Sends a script without waiting for the answer, also while Redis is out of use. */
  post({ lua }: Script, keys: readonly string[], args: Arguments): void {
    this.#client.send('EVAL', [lua, keys.length, ...keys, ...args]).catch(() => {})
  }

  async #evaluate({ lua, sha }: Script, keys: readonly string[], args: Arguments) {
    try {
      return await this.send('EVALSHA', [sha, keys.length, ...keys, ...args])
    } catch (error) {
      // Redis forgets scripts when it restarts, is flushed or fails over.
      if (!textOf(error).includes('NOSCRIPT')) throw error
      return this.send('EVAL', [lua, keys.length, ...keys, ...args])
    }
  }
}
