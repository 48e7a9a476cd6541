import type { DiskState } from '../../cache/limits/janitor.ts'
import type { HistoryPoint } from './history-point.ts'

/** What is read of the parts each time. The last three grow from the start of the process on. */
export interface Reading {
  /** Steady clock, milliseconds. */
  readonly at: number
  readonly plays: number
  readonly downloads: number
  readonly downloadedBytesPerSecond: number
  /** Null: BROWSER=off. */
  readonly conversions: number | null
  readonly firstByteMs: number
  /** Undefined: the volume could not be asked. */
  readonly disk: Pick<DiskState, 'usedBytes'> | undefined
  readonly totalPlays: number
  readonly sentBytes: number
  readonly evictedFiles: number
  readonly errors: number
}

/** A point whose five minutes are not over: the highest of what runs, the mean of what flows, the sum of events. */
export class OpenPoint {
  readonly slot: number
  readonly #first: Reading
  #last: Reading
  #plays = 0
  #downloads = 0
  #conversions: number | null = null
  #downloaded = 0
  #readings = 0

  /** @param before the last reading of the point before, from which on it counts; else its own first */
  constructor(slot: number, reading: Reading, before: Reading = reading) {
    this.slot = slot
    this.#first = before
    this.#last = reading
    this.add(reading)
  }

  get last(): Reading {
    return this.#last
  }

  add(reading: Reading): void {
    this.#last = reading
    this.#readings++
    this.#plays = Math.max(this.#plays, reading.plays)
    this.#downloads = Math.max(this.#downloads, reading.downloads)
    this.#downloaded += reading.downloadedBytesPerSecond
    const { conversions } = reading
    if (conversions !== null) this.#conversions = Math.max(this.#conversions ?? 0, conversions)
  }

  get point(): HistoryPoint {
    const [first, last] = [this.#first, this.#last]
    const seconds = (last.at - first.at) / 1000
    const sent = last.sentBytes - first.sentBytes
    return {
      playsRunning: this.#plays,
      sentBytesPerSecond: seconds > 0 ? Math.round(sent / seconds) : 0,
      downloadsRunning: this.#downloads,
      downloadedBytesPerSecond: Math.round(this.#downloaded / this.#readings),
      diskUsedBytes: last.disk?.usedBytes ?? null,
      evictedFiles: last.evictedFiles - first.evictedFiles,
      // Of the last plays: it says nothing of a time in which nobody began one.
      firstByteMs: last.totalPlays > first.totalPlays ? Math.round(last.firstByteMs) : null,
      conversionsRunning: this.#conversions,
      errors: last.errors - first.errors,
    }
  }
}
