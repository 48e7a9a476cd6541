import type { Clock } from '../../common/clock.ts'
import type { Claim, Lease } from './cache-index.ts'

interface Held {
  readonly owner: string
  readonly fence: number
  until: number
}

/** Leases of one process: steady time, so that a jump of the clock ends none. */
export function createLeases(clock: Clock): {
  claim(name: string, owner: string, ttlMs: number): Claim
} {
  const held = new Map<string, Held>()
  // One counter for all names: a fence grows for each of them, and no name is remembered for it.
  let lastFence = 0

  function dropExpired(): void {
    const now = clock.steady()
    for (const [name, lease] of held) if (lease.until <= now) held.delete(name)
  }

  function leaseOf(name: string, mine: Held, ttlMs: number): Lease {
    // Past its time a lease is lost even when nobody took it: every backend answers the same.
    const isMine = () => held.get(name) === mine && mine.until > clock.steady()
    return {
      fence: mine.fence,
      async renew() {
        if (!isMine()) return false
        mine.until = clock.steady() + ttlMs
        return true
      },
      async release() {
        if (held.get(name) === mine) held.delete(name)
      },
    }
  }

  return {
    claim(name, owner, ttlMs) {
      dropExpired()
      const other = held.get(name)
      if (other) return { won: false, owner: other.owner }
      const mine: Held = { owner, fence: ++lastFence, until: clock.steady() + ttlMs }
      held.set(name, mine)
      return { won: true, lease: leaseOf(name, mine, ttlMs) }
    },
  }
}
