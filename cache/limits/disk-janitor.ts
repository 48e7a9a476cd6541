import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FileOnDisk } from '../disk/file-store.ts'
import { freeOnVolume, VOLUME_MARGIN } from '../disk/volume.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import type { DiskFileStore } from '../store/disk-file-store.ts'
import { KeyedLock } from '../store/keyed-lock.ts'
import { planEviction, type Usage, usageOf } from './eviction-plan.ts'
import { Evictor } from './evictor.ts'
import type { DiskState, Freed, Janitor, Reservation } from './janitor.ts'
import { Reservations, type ReservedFile } from './reservations.ts'
import { createSweep, type SweepParts, type SweepResult } from './sweep.ts'

export interface JanitorOptions {
  readonly store: DiskFileStore
  readonly index: CacheIndex
  readonly limits: SweepParts['limits']
  readonly clock: Clock
  readonly log: Log
  /** Bytes free on the volume of CACHE_DIR; tests give their own number. */
  readonly freeBytes?: () => Promise<number>
}

/**
 * Keeps this node's files within the limits: decides when files must go, has them chosen by
 * eviction-plan.ts and removed by evictor.ts. Its tasks run one after another.
 */
class DiskJanitor implements Janitor {
  readonly #options: JanitorOptions
  readonly #reservations = new Reservations()
  readonly #evictor: Evictor
  readonly #lock = new KeyedLock()
  readonly #sweep: () => Promise<SweepResult>
  #lastSweep: Janitor['lastSweep']
  /** Whether the volume had less room than the limit when it was last checked. */
  #wasClamped = false

  constructor(options: JanitorOptions) {
    this.#options = options
    this.#evictor = new Evictor(options.store, this.#reservations)
    const usage = (): Usage => this.#usage()
    this.#sweep = createSweep({ ...options, evictor: this.#evictor, usage })
  }

  get evictions(): Janitor['evictions'] {
    return this.#evictor.counts
  }

  get lastSweep(): Janitor['lastSweep'] {
    return this.#lastSweep
  }

  reserve(key: FileKey, layout: PieceLayout, room?: 'evict' | 'spare'): Promise<Reservation> {
    return this.#exclusive(() => this.#reserve({ key, layout }, room === 'spare'))
  }

  clear(only?: ReadonlySet<FileKey>): Promise<Freed> {
    return this.#exclusive(() => this.#clear(only))
  }

  sweep(): Promise<Freed> {
    return this.#exclusive(async () => {
      const { freed, at, steps } = await this.#sweep()
      this.#lastSweep = { at, steps }
      await this.#logClamp()
      return freed
    })
  }

  async disk(): Promise<DiskState> {
    const freeOnVolumeBytes = await this.#freeBytes()
    const { used: usedBytes, reserved: reservedBytes } = this.#usage()
    const configuredBytes = this.#options.limits.maxBytes
    const room = usedBytes + Math.max(0, freeOnVolumeBytes - VOLUME_MARGIN)
    const maxBytes = Math.min(configuredBytes, room)
    return { usedBytes, maxBytes, configuredBytes, reservedBytes, freeOnVolumeBytes }
  }

  #exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#lock.run('', () => {
      this.#evictor.beginTask()
      return task()
    })
  }

  #usage(extra?: ReservedFile): Usage {
    return usageOf(this.#options.store.records(), this.#reservations.layouts(extra))
  }

  async #reserve(file: ReservedFile, spareOnly: boolean): Promise<Reservation> {
    let free = await this.#freeBytes()
    for (;;) {
      const now = this.#usage(file)
      const shortfall = now.reserved === 0 ? 0 : now.reserved + VOLUME_MARGIN - free
      const candidates = this.#evictor.evictable(file.key)
      const { victims, enough } = planEviction(now, this.#options.limits, shortfall, candidates)
      if (!enough || (spareOnly && victims.length > 0)) throw new Fault('DOES_NOT_FIT')
      // Granted in the tick of the decision: used + reserved is within the limit at every moment.
      if (victims.length === 0) return this.#reservations.add(file)
      free += (await this.#evictor.evict(victims)).bytes
    }
  }

  async #clear(only: ReadonlySet<FileKey> | undefined): Promise<Freed> {
    const isMeant = ({ key }: FileOnDisk): boolean => only?.has(key) ?? true
    const idle = this.#evictor.evictable().filter(isMeant)
    const keptInUse = [...this.#options.store.records()].filter(isMeant).length - idle.length
    const freed = await this.#evictor.evictMany(idle.map((record) => ({ record })))
    return { ...freed, keptInUse }
  }

  /** Logs only a change: a volume that is nearly full would log a line at every sweep. */
  async #logClamp(): Promise<void> {
    const { log } = this.#options
    const { maxBytes, configuredBytes } = await this.disk()
    const isClamped = maxBytes < configuredBytes
    if (isClamped === this.#wasClamped) return
    this.#wasClamped = isClamped
    const facts = { maxBytes, configuredBytes }
    if (isClamped) log.warn(facts, 'the volume has less room than CACHE_MAX_DISK_MB allows')
    else log.info(facts, 'the volume has the room that CACHE_MAX_DISK_MB allows')
  }

  async #freeBytes(): Promise<number> {
    const { store, log, freeBytes } = this.#options
    try {
      return await (freeBytes?.() ?? freeOnVolume(store.dir))
    } catch (err) {
      log.warn({ err }, 'the free room on the volume is unknown')
      return Number.MAX_SAFE_INTEGER
    }
  }
}

export const createJanitor = (options: JanitorOptions): Janitor => new DiskJanitor(options)
