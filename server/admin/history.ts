import type { FileStore } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type StoredEntry, storedEntry } from '../../cache/index/stored-entry.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { PlayerStatus } from '../../player/status.ts'
import type { Metrics } from '../metrics/metrics.ts'
import {
  type HistoryPoint,
  type HistoryView,
  historyShape,
  POINTS,
  type StoredHistory,
  slotOf,
  toStored,
  viewOf,
} from './history-point.ts'
import { OpenPoint, type Reading } from './open-point.ts'

/** Often enough that a short film is not missed. */
const READ_EVERY_MS = 15_000
const KEPT_MS = 26 * 3600 * 1000

export interface HistoryParts {
  readonly status: Pick<PlayerStatus, 'stats'>
  readonly janitor: Pick<Janitor, 'disk' | 'evictions'>
  readonly metrics: Pick<Metrics, 'totals'>
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  /** Each node keeps a history of its own. */
  readonly store: Pick<FileStore, 'node'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * The last day of this node, a point each five minutes, for charts. It lies in the index, so that a restart
 * goes on with it where that outlives one; the time in which the server was away has no points.
 */
export class History {
  readonly #parts: HistoryParts
  readonly #stored: StoredEntry<string, ReadonlyMap<number, HistoryPoint>, StoredHistory>
  readonly #points = new Map<number, HistoryPoint>()
  #open: OpenPoint | undefined
  #timer: NodeJS.Timeout | undefined
  /** The reading that runs; undefined: none does. */
  #reading: Promise<void> | undefined

  constructor(parts: HistoryParts) {
    this.#parts = parts
    const { index } = parts
    const key = (node: string): string => `history:${node}`
    this.#stored = storedEntry({ index, key, shape: historyShape, ttlMs: KEPT_MS })
  }

  /** Takes up what the index has, and goes on until `close`. */
  start(): void {
    this.#run(async () => {
      await this.#load()
      await this.#read()
    })
    this.#timer = setInterval(() => this.#run(() => this.#read()), READ_EVERY_MS)
    this.#timer.unref()
  }

  /** Never rejects. The five minutes that are not over are forgotten. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
  }

  get view(): HistoryView {
    const open = this.#open
    if (!open) return viewOf(this.#points, slotOf(this.#parts.clock.wall()))
    return viewOf(new Map(this.#points).set(open.slot, open.point), open.slot)
  }

  /** One after the other: where the disk or the index is slow, a reading is left out. */
  #run(work: () => Promise<void>): void {
    this.#reading ??= work().finally(() => {
      this.#reading = undefined
    })
  }

  async #read(): Promise<void> {
    const reading = await this.#look()
    const slot = slotOf(this.#parts.clock.wall())
    const before = this.#open
    if (before?.slot === slot) before.add(reading)
    else {
      this.#open = new OpenPoint(slot, reading, before?.last)
      if (before) await this.#keep(before)
    }
  }

  async #look(): Promise<Reading> {
    const { status, janitor, metrics, clock } = this.#parts
    const disk = await janitor.disk().catch(() => undefined)
    const { active, total, arrivals, conversions, firstByteMs } = status.stats
    const { ttl, count, disk: full } = janitor.evictions
    const { sentBytes, errors } = metrics.totals
    return {
      ...{ at: clock.steady(), disk, sentBytes, errors },
      plays: active,
      downloads: arrivals.running,
      downloadedBytesPerSecond: arrivals.bytesPerSecond,
      conversions: conversions?.running ?? null,
      firstByteMs: firstByteMs.p50,
      totalPlays: total,
      evictedFiles: ttl + count + full,
    }
  }

  async #load(): Promise<void> {
    try {
      this.#join((await this.#stored.load(this.#parts.store.node)).value)
    } catch (err) {
      this.#parts.log.debug({ err }, 'the history could not be read; it is when it is written')
    }
  }

  /** Joined with what the index has: it may have been away when this process began. */
  async #keep(over: OpenPoint): Promise<void> {
    this.#points.set(over.slot, over.point)
    try {
      await this.#stored.update(this.#parts.store.node, (stored) => {
        this.#join(stored)
        return toStored(this.#points)
      })
    } catch (err) {
      this.#parts.log.debug(
        { err },
        'the history could not be written down; it is with the next point',
      )
    }
  }

  /** Keeps a day: what is older goes, and what the wall clock, set back, has not come to yet. */
  #join(stored: ReadonlyMap<number, HistoryPoint> = new Map()): void {
    const last = slotOf(this.#parts.clock.wall())
    for (const [slot, point] of stored) if (!this.#points.has(slot)) this.#points.set(slot, point)
    for (const slot of this.#points.keys()) {
      if (slot > last || slot <= last - POINTS) this.#points.delete(slot)
    }
  }
}
