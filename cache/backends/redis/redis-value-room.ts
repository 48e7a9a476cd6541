import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Log } from '../../../common/log.ts'
import { atMost } from '../../../common/memory/lru-options.ts'
import { isKeepable, valueSize } from '../../index/value-size.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { REMOVED, SUM, TELL } from './redis-room-scripts.ts'

/** Uses are told together: no call of a play or a list waits for it. */
const TELL_EVERY_MS = 1000
/** Told sooner when this part of the room was written since. */
const PART = 64
/** Values told in one script, so that none keeps Redis busy for long. */
const BATCH = 200
/** Rounds of removing, one after the other; what is still too much goes with the next ones. */
const MAX_ROUNDS = 50
/** Waiting to be told, while Redis cannot be used. */
const MAX_NAMES = 20_000
/** How long values live of which only a use is known: as long as source lists. */
const USUAL_TTL_MS = 30 * 86_400_000

interface Use {
  readonly bytes: number
  /** Undefined when it was read only. */
  readonly ttlMs: number | undefined
}

const answerShape = z.tuple([z.coerce.number<string>()], z.string())

/**
 * Keeps what all values of all nodes take within a limit: the least recently used are removed. What is
 * counted is up to a second late; what a node that is killed has not told is counted at its next use,
 * or ends by itself.
 */
export class RedisValueRoom {
  readonly #redis: RedisLink
  readonly #keys: RedisKeys
  readonly #maxBytes: number
  readonly #log: Log
  readonly #waiting = new LRUCache<string, Use>(atMost(MAX_NAMES))
  /** Written and not yet told. */
  #waitingBytes = 0
  #used = 0
  #timer: NodeJS.Timeout | undefined
  #telling = false
  #closed = false

  constructor(deps: {
    redis: RedisLink
    keys: RedisKeys
    maxBytes: number
    log: Log
  }) {
    this.#redis = deps.redis
    this.#keys = deps.keys
    this.#maxBytes = deps.maxBytes
    this.#log = deps.log
  }

  /** False for a value that is too large to be kept (cache/index/value-size.ts). */
  mayHold(name: string, json: string): boolean {
    return isKeepable(name, json, this.#maxBytes)
  }

  noteWrite(name: string, json: string, ttlMs: number): void {
    const bytes = valueSize(name, json)
    this.#waiting.set(name, { bytes, ttlMs })
    this.#waitingBytes += bytes
    this.#plan(this.#waitingBytes > this.#maxBytes / PART ? 0 : TELL_EVERY_MS)
  }

  noteRead(name: string, json: string): void {
    if (this.#waiting.has(name)) return
    this.#waiting.set(name, { bytes: valueSize(name, json), ttlMs: undefined })
    this.#plan(TELL_EVERY_MS)
  }

  /** What was counted last while Redis cannot be asked. */
  async size(): Promise<{ used: number; max: number }> {
    const answer = await this.#redis.run(SUM, this.#ownKeys, []).catch(() => this.#used)
    this.#used = Number(answer)
    return { used: this.#used, max: this.#maxBytes }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  get #ownKeys(): string[] {
    return [this.#keys.uses, this.#keys.sizes, this.#keys.ends]
  }

  #plan(ms: number): void {
    if (this.#closed || this.#telling || (this.#timer && ms > 0)) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#tellAll(), ms)
  }

  /** Never rejects. */
  async #tellAll(): Promise<void> {
    this.#timer = undefined
    this.#telling = true
    try {
      for (let round = 0; round < MAX_ROUNDS && !this.#closed; round++) {
        const { isOver, isMore } = await this.#tell()
        if (!isOver && !isMore) break
      }
    } catch (err) {
      this.#log.debug({ err }, 'what values take could not be told')
    }
    this.#telling = false
    if (this.#waiting.size > 0) this.#plan(TELL_EVERY_MS)
  }

  async #tell(): Promise<{ readonly isOver: boolean; readonly isMore: boolean }> {
    const batch = [...this.#waiting.entries()].slice(0, BATCH)
    for (const [name] of batch) this.#waiting.delete(name)
    if (this.#waiting.size === 0) this.#waitingBytes = 0
    const uses = batch.flatMap(([name, { bytes, ttlMs }]) => [name, bytes, ttlMs ?? ''])
    try {
      const args = [this.#maxBytes, USUAL_TTL_MS, ...uses]
      const answer = answerShape.parse(await this.#redis.run(TELL, this.#ownKeys, args))
      const [used, ...oldest] = answer
      this.#used = used
      await this.#remove(oldest)
      return { isOver: oldest.length > 0, isMore: this.#waiting.size > 0 }
    } catch (error) {
      for (const [name, use] of batch) {
        if (!this.#waiting.has(name)) this.#waiting.set(name, use)
      }
      throw error
    }
  }

  /** @param oldest names of values, each with its last use */
  async #remove(oldest: readonly string[]): Promise<void> {
    if (oldest.length === 0) return
    const names = oldest.filter((_, at) => at % 2 === 0)
    // One call each, because they may lie on different servers of a Cluster.
    await Promise.all(names.map((name) => this.#redis.send('UNLINK', [this.#keys.value(name)])))
    await this.#redis.run(REMOVED, this.#ownKeys, oldest)
  }
}
