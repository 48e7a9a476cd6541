import { LRUCache } from 'lru-cache'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible'
import { redisKeys } from '../../cache/backends/redis/redis-keys.ts'
import { atMost } from '../../common/memory/lru-options.ts'

/** The Redis that several nodes count in. */
export interface SharedCounts {
  /** An ioredis client: what RateLimiterRedis works with. */
  readonly client: object
  /** Whether it is worth asking: a Redis that hangs would cost every request its time-out. */
  isUp(): boolean
}

export interface RateLimiterOptions {
  readonly name: string
  /** How many in each window. */
  readonly max: number
  readonly windowSeconds: number
  readonly shared?: SharedCounts | undefined
}

/** Addresses that are remembered, of 600 bytes each; of more, the one that was quiet for longest starts anew. */
const MOST_ADDRESSES = 10_000

/**
 * How often each address did something within a window. Counted in Redis where there is one, and in
 * memory while it is away.
 */
export class RateLimiter {
  readonly #memory: RateLimiterMemory
  readonly #shared: RateLimiterAbstract | undefined
  readonly #isUp: () => boolean
  /** rate-limiter-flexible keeps every key for its window, however many come. */
  readonly #addresses: LRUCache<string, true>

  constructor({ name, max, windowSeconds, shared }: RateLimiterOptions) {
    const options = {
      points: max,
      duration: windowSeconds,
      keyPrefix: `${redisKeys().limit}${name}`,
    }
    const memory = new RateLimiterMemory(options)
    this.#memory = memory
    this.#addresses = new LRUCache({
      ...atMost(MOST_ADDRESSES),
      dispose: (_, address) => void memory.delete(address),
    })
    this.#isUp = () => shared?.isUp() === true
    if (!shared) return
    this.#shared = new RateLimiterRedis({
      ...options,
      storeClient: shared.client,
      insuranceLimiter: memory,
      rejectIfRedisNotReady: true,
      // Who is over the limit costs Redis nothing until the window ends.
      inMemoryBlockOnConsumed: max + 1,
    })
  }

  /** Counts one; seconds until the next may come when that is one too many. Never rejects. */
  async consume(address: string): Promise<number | undefined> {
    this.#addresses.set(address, true)
    const limiter = this.#shared && this.#isUp() ? this.#shared : this.#memory
    try {
      await limiter.consume(address)
      return undefined
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) return undefined
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
    }
  }

  /** Forgets all; ends the timers of the windows. */
  close(): void {
    this.#addresses.clear()
  }
}
