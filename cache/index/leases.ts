import type { Clock } from '../../common/clock.ts'
import type { Claim, Lease } from './cache-index.ts'

interface ActiveLease {
  readonly owner: string
  readonly fence: number
  /** Steady clock, milliseconds. */
  until: number
}

/** Leases within one process. They use the steady clock, so that no jump of the wall clock ends one. */
export function createLeases(clock: Clock): {
  claim(name: string, owner: string, ttlMs: number): Claim
} {
  const leases = new Map<string, ActiveLease>()
  // One counter for all names: fences grow for each name, and no name has to be remembered for it.
  let lastFence = 0

  function dropExpired(): void {
    const now = clock.steady()
    for (const [name, lease] of leases) if (lease.until <= now) leases.delete(name)
  }

  function leaseOf(name: string, mine: ActiveLease, ttlMs: number): Lease {
    // A lease past its time is lost even when nobody else took it, as in every backend.
    const isMine = () => leases.get(name) === mine && mine.until > clock.steady()
    return {
      fence: mine.fence,
      async renew() {
        if (!isMine()) return false
        mine.until = clock.steady() + ttlMs
        return true
      },
      async release() {
        if (leases.get(name) === mine) leases.delete(name)
      },
    }
  }

  return {
    claim(name, owner, ttlMs) {
      dropExpired()
      const other = leases.get(name)
      if (other && other.owner !== owner) return { won: false, owner: other.owner }
      const mine: ActiveLease = { owner, fence: ++lastFence, until: clock.steady() + ttlMs }
      leases.set(name, mine)
      return { won: true, lease: leaseOf(name, mine, ttlMs) }
    },
  }
}
