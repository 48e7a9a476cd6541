import type { Clock } from '../../common/clock.ts'

/** Which torrents are refused because the engine died of them, as far as one can tell from outside. */
export interface CrashQuarantine {
  /** The engine died while it opened these, and while it ran those (info hashes). */
  died(opening: readonly string[], running: readonly string[]): void
  refused(infoHash: string): boolean
}

const REFUSED_MS = 10 * 60_000

/**
 * A torrent that was being opened when the engine died is refused, when it was the only one: its
 * metadata or its store is the likely reason. One of several, or one that ran, gets a second chance:
 * whoever is present at two deaths within ten minutes is refused.
 */
export function createCrashQuarantine(clock: Clock): CrashQuarantine {
  const refusedUntil = new Map<string, number>()
  const lastDeath = new Map<string, number>()

  function forgetOld(now: number): void {
    for (const [hash, until] of refusedUntil) if (until <= now) refusedUntil.delete(hash)
    for (const [hash, at] of lastDeath) if (at + REFUSED_MS <= now) lastDeath.delete(hash)
  }

  return {
    died(opening, running) {
      const now = clock.steady()
      forgetOld(now)
      const [lone, ...others] = new Set(opening)
      if (lone !== undefined && others.length === 0) refusedUntil.set(lone, now + REFUSED_MS)
      for (const hash of new Set([...opening, ...running])) {
        if (lastDeath.has(hash)) refusedUntil.set(hash, now + REFUSED_MS)
        lastDeath.set(hash, now)
      }
    },
    refused: (hash) => (refusedUntil.get(hash) ?? 0) > clock.steady(),
  }
}
