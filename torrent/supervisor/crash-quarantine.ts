import type { Clock } from '../../common/clock.ts'

const QUARANTINE_MS = 10 * 60_000

/**
 * Torrents that are refused for ten minutes because the engine probably crashed by them. One that was
 * being opened is quarantined at the first crash when it was the only one: its metadata or its place
 * on disk is the likely reason. One of several, or one that was running, is quarantined when it was
 * there at two crashes within ten minutes.
 */
export class CrashQuarantine {
  readonly #clock: Clock
  readonly #refusedUntil = new Map<string, number>()
  readonly #lastCrash = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The engine died while it was opening these info hashes, and while those were running. */
  died(opening: readonly string[], running: readonly string[]): void {
    const now = this.#clock.steady()
    this.#forgetOld(now)
    const [lone, ...others] = new Set(opening)
    if (lone !== undefined && others.length === 0) this.#refuse(lone, now)
    for (const infoHash of new Set([...opening, ...running])) {
      if (this.#lastCrash.has(infoHash)) this.#refuse(infoHash, now)
      this.#lastCrash.set(infoHash, now)
    }
  }

  refused(infoHash: string): boolean {
    return (this.#refusedUntil.get(infoHash) ?? 0) > this.#clock.steady()
  }

  #refuse(infoHash: string, now: number): void {
    this.#refusedUntil.set(infoHash, now + QUARANTINE_MS)
  }

  #forgetOld(now: number): void {
    for (const [infoHash, until] of this.#refusedUntil) {
      if (until <= now) this.#refusedUntil.delete(infoHash)
    }
    for (const [infoHash, at] of this.#lastCrash) {
      if (at + QUARANTINE_MS <= now) this.#lastCrash.delete(infoHash)
    }
  }
}
