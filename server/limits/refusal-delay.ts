import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../common/clock.ts'
import { atMost } from '../../common/memory/lru-options.ts'

/** Between the refusals of one address: a client that asks for them in a loop gets twenty a second. */
const GAP_MS = 50
/** Nobody waits longer for a refusal, however many were asked for. */
const MOST_MS = 1000
const MOST_ADDRESSES = 10_000

/**
 * When a refusal is told. The first comes at once; those that follow it closely wait, because what sends
 * thousands of refused requests would otherwise have the processor that others need.
 */
export class RefusalDelay {
  readonly #clock: Pick<Clock, 'steady'>
  /** When the next refusal of an address may be told. */
  readonly #next = new LRUCache<string, number>(atMost(MOST_ADDRESSES))
  readonly #end = new AbortController()

  constructor(clock: Pick<Clock, 'steady'>) {
    this.#clock = clock
  }

  /** Resolves when it is the turn of one more refusal to that address, or all is over. */
  async wait(address: string): Promise<void> {
    const now = this.#clock.steady()
    const at = Math.max(now, this.#next.get(address) ?? now)
    this.#next.set(address, Math.min(at + GAP_MS, now + MOST_MS))
    if (at > now) await sleep(at - now, undefined, { signal: this.#end.signal }).catch(() => {})
  }

  /** Whoever waits is told now. */
  close(): void {
    this.#end.abort()
  }
}
