import type { Title } from '../../common/title.ts'

/** What films and episodes last, about; of the file itself only the size is known here. */
const SECONDS = { movie: 100 * 60, series: 45 * 60 }
/** Bytes a second that any film takes, and that none does. */
const LEAST_RATE = 125_000
const MOST_RATE = 12_500_000
/** Viewers do not notice a shorter one. */
const SHORTEST_STALL_MS = 250

/**
 * How far a viewer is ahead of what it watches, by the bytes it took and what a film of that size takes a
 * second. Players read ahead as fast as bytes come: a wait is a stall only for who has nothing left. Time
 * in which the viewer takes nothing does not count, for then its own buffers are full.
 */
export class Playhead {
  /** Bytes a second. */
  readonly #rate: number
  #ahead = 0

  constructor(type: Title['type'], size: number) {
    this.#rate = Math.min(MOST_RATE, Math.max(LEAST_RATE, size / SECONDS[type]))
  }

  /**
   * A read took so long and gave so much.
   * @returns how long the viewer stood still in it, in milliseconds; 0: it played on
   */
  read(waitedMs: number, bytes: number): number {
    const played = (waitedMs * this.#rate) / 1000
    const stoodMs = Math.max(0, ((played - this.#ahead) * 1000) / this.#rate)
    this.#ahead = Math.max(0, this.#ahead - played) + bytes
    return stoodMs >= SHORTEST_STALL_MS ? stoodMs : 0
  }
}
