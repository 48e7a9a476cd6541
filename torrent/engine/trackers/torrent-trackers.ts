import type { TrackerAnswer } from './announcement.ts'
import { type Ask, Tracker, type TrackerTimes } from './tracker.ts'

export interface TorrentTrackersOptions {
  /** How to ask one tracker of this torrent; it needs no URL check any more. */
  askOf(url: string): Ask
  answered(answer: TrackerAnswer): void
  readonly times?: TrackerTimes
}

/** Of one torrent, however many trackers it has and later hears of. */
const MAX_TRACKERS = 100

/**
 * The trackers of one torrent. All are asked at once, whatever their tiers (BEP 12): which of them is
 * alive nobody knows before, and a viewer waits. Each is asked as its own interval says.
 */
export class TorrentTrackers {
  readonly #options: TorrentTrackersOptions
  readonly #trackers = new Map<string, Tracker>()
  #closed = false

  constructor(options: TorrentTrackersOptions) {
    this.#options = options
  }

  /** Those that are new are asked at once. WebSocket trackers know WebRTC peers only, and are left out. */
  add(urls: Iterable<string>): void {
    const { askOf, answered, times } = this.#options
    for (const url of urls) {
      if (this.#closed || this.#trackers.size >= MAX_TRACKERS) return
      if (this.#trackers.has(url) || !/^(?:udp|https?):/i.test(url)) continue
      this.#trackers.set(url, new Tracker(askOf(url), answered, times))
    }
  }

  /** They hear `stopped`, and nothing more. */
  remove(urls: Iterable<string>): void {
    for (const url of urls) {
      void this.#trackers.get(url)?.close()
      this.#trackers.delete(url)
    }
  }

  /** Peers are needed now. */
  hurry(): void {
    for (const tracker of this.#trackers.values()) tracker.hurry()
  }

  /** The whole torrent is here. */
  completed(): void {
    for (const tracker of this.#trackers.values()) tracker.completed()
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#trackers.values()].map((tracker) => tracker.close()))
  }
}
