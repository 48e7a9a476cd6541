import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FileOnDisk } from '../disk/file-store.ts'
import { SegmentFiles } from '../disk/segment-files.ts'
import { roomOnVolume, VOLUME_MARGIN, type VolumeRoom } from '../disk/volume.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import type { DiskFileStore } from '../store/disk-file-store.ts'
import { KeyedLock } from '../store/keyed-lock.ts'
import { type Plan, planEviction, type Usage, usageOf, type Victim } from './eviction-plan.ts'
import { Evictor } from './evictor.ts'
import type { DiskState, EvictionBudget, Freed, Janitor, Purpose, Reservation } from './janitor.ts'
import { Reservations, type Reserved } from './reservations.ts'
import { SegmentRoom } from './segment-room.ts'
import { createSweep, type SweepParts, type SweepResult } from './sweep.ts'

/** What stays free for others where somebody has had more than its worth: an eighth of the limit at most. */
const MOST_LEFT_BYTES = 64 << 20
const LEFT_SHARE = 8

export interface JanitorOptions {
  readonly store: DiskFileStore
  readonly index: CacheIndex
  readonly limits: SweepParts['limits']
  readonly clock: Clock
  readonly log: Log
  /** Bytes free on a large volume of CACHE_DIR; tests give their own number. */
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
  readonly #segmentFiles: SegmentFiles
  readonly segments: SegmentRoom
  #lastSweep: Janitor['lastSweep']
  /** Whether the volume had less room than the limit when it was last checked. */
  #wasClamped = false

  constructor(options: JanitorOptions) {
    this.#options = options
    this.#evictor = new Evictor(options.store, this.#reservations)
    const usage = (): Usage => this.#usage()
    this.#sweep = createSweep({ ...options, evictor: this.#evictor, usage })
    const { store, limits, clock, log } = options
    const files = new SegmentFiles(store.dir, clock)
    const { maxBytes } = limits
    const exclusive = <T>(task: () => Promise<T>): Promise<T> => this.#exclusive(task)
    const beside = async () => ({ onVolume: roomOf(await this.#volume()), usage: usage() })
    this.#segmentFiles = files
    this.segments = new SegmentRoom({ files, maxBytes, exclusive, beside, log })
  }

  get evictions(): Janitor['evictions'] {
    return this.#evictor.counts
  }

  get lastSweep(): Janitor['lastSweep'] {
    return this.#lastSweep
  }

  reserve(key: FileKey, purpose: Purpose): Reservation {
    const id = {}
    const reservations = this.#reservations
    const now = (): Reserved => reservations.get(id) ?? { key, purpose, bytes: 0, promised: 0 }
    reservations.set(id, now())
    return {
      get bytes() {
        return now().bytes
      },
      grow: (bytes, budget, promised = 0, leavesRoom = false) =>
        this.#exclusive(() =>
          leavesRoom
            ? this.#growBesideOthers(id, bytes, promised)
            : this.#grow(id, bytes, budget, promised),
        ),
      hold(bytes) {
        if (bytes > now().bytes) reservations.set(id, { ...now(), bytes })
      },
      shrink: (bytes) => reservations.set(id, { ...now(), bytes, promised: 0 }),
      release: () => reservations.delete(id),
    }
  }

  couldFit(key: FileKey, purpose: Purpose, bytes: number): Promise<boolean> {
    return this.#exclusive(async () => {
      const room = roomOf(await this.#volume())
      const promised = purpose === 'file' ? bytes : 0
      return this.#plan({}, { key, purpose, bytes, promised }, room).enough
    })
  }

  clear(only?: ReadonlySet<FileKey>): Promise<Freed> {
    return this.#exclusive(() => this.#clear(only))
  }

  sweep(): Promise<Freed> {
    return this.#exclusive(async () => {
      await this.#segmentFiles.dropUnused(this.#options.limits.ttlSeconds * 1000)
      const beside = { usage: this.#usage(), onVolume: roomOf(await this.#volume()) }
      await this.#segmentFiles.free(this.segments.inTheWay(beside))
      const { freed, at, steps } = await this.#sweep()
      this.#lastSweep = { at, steps }
      await this.#logClamp()
      return freed
    })
  }

  async disk(): Promise<DiskState> {
    const volume = await this.#volume()
    const { used, reserved: reservedBytes } = this.#usage()
    const segmentBytes = this.#segmentFiles.used
    const usedBytes = used + segmentBytes
    const configuredBytes = this.#options.limits.maxBytes
    const room = usedBytes + Math.max(0, roomOf(volume))
    const maxBytes = Math.min(configuredBytes, room)
    const freeOnVolumeBytes = volume.free
    return { usedBytes, segmentBytes, maxBytes, configuredBytes, reservedBytes, freeOnVolumeBytes }
  }

  #exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#lock.run('', () => {
      this.#evictor.beginTask()
      return task()
    })
  }

  #usage(reservations: readonly Reserved[] = this.#reservations.all()): Usage {
    return usageOf(this.#options.store.records(), reservations)
  }

  /** What has to go so that the reservation can be `wanted`. @param room bytes, on the volume */
  #plan(id: object, wanted: Reserved, room: number): Plan {
    const usage = this.#usage(this.#reservations.allWith(id, wanted))
    // Segments that can go have no part in it: they go first.
    const { used: segments, removable } = this.#segmentFiles
    const { limits: all } = this.#options
    const limits = { ...all, maxBytes: all.maxBytes - segments + removable }
    // For its slots even what is kept of the file may go.
    const candidates = this.#evictor.evictableForRoom(
      wanted.purpose === 'file' ? wanted.key : undefined,
    )
    const shortfall = (bytes: number): number => (bytes === 0 ? 0 : bytes - room - removable)
    const { promised, reserved } = usage
    if (wanted.promised > 0) {
      const inTheEnd = { ...usage, reserved: promised }
      const whole = planEviction(inTheEnd, limits, shortfall(promised), candidates)
      if (!whole.enough) return { victims: [], enough: false }
    }
    return planEviction(usage, limits, shortfall(reserved), candidates)
  }

  async #grow(
    id: object,
    bytes: number,
    budget: EvictionBudget | undefined,
    promised: number,
  ): Promise<void> {
    let room = roomOf(await this.#volume())
    for (;;) {
      const now = this.#reservations.get(id)
      if (!now) throw new Fault('DOES_NOT_FIT')
      const wanted = { ...now, bytes: Math.max(now.bytes, bytes), promised }
      const usage = this.#usage(this.#reservations.allWith(id, wanted))
      const inTheWay = this.segments.inTheWay({ usage, onVolume: room })
      if (inTheWay > 0) {
        room += await this.#segmentFiles.free(inTheWay)
        continue
      }
      const { victims, enough } = this.#plan(id, wanted, room)
      if (!enough) throw new Fault('DOES_NOT_FIT')
      // Granted in the tick of the decision: used + reserved is within the limit at every moment.
      if (victims.length === 0) return this.#reservations.set(id, granted(wanted))
      if (!budget || !isWithin(budget, victims)) throw new Fault('DOES_NOT_FIT')
      room += await this.#evictor.evictFor(budget, victims)
    }
  }

  /** In free room only, of which a part stays. */
  async #growBesideOthers(id: object, bytes: number, promised: number): Promise<void> {
    const now = this.#reservations.get(id)
    const left = Math.min(MOST_LEFT_BYTES, this.#options.limits.maxBytes / LEFT_SHARE)
    if (now && bytes > now.bytes) {
      const wanted = { ...now, bytes: bytes + left, promised: Math.max(promised, bytes + left) }
      const room = roomOf(await this.#volume())
      const { victims, enough } = this.#plan(id, wanted, room)
      if (!enough || victims.length > 0) throw new Fault('DOES_NOT_FIT')
    }
    await this.#grow(id, bytes, undefined, promised)
  }

  async #clear(only: ReadonlySet<FileKey> | undefined): Promise<Freed> {
    const isMeant = ({ key, keep }: FileOnDisk): boolean => only?.has(key) ?? !keep
    const idle = this.#evictor.evictable().filter(isMeant)
    const keptInUse = [...this.#options.store.records()].filter(isMeant).length - idle.length
    const freed = await this.#evictor.evictMany(idle.map((record) => ({ record })))
    const segments = only ? 0 : await this.#segmentFiles.free(Number.POSITIVE_INFINITY)
    return { ...freed, bytes: freed.bytes + segments, keptInUse }
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

  async #volume(): Promise<VolumeRoom> {
    const { store, log, freeBytes } = this.#options
    try {
      if (freeBytes) return { free: await freeBytes(), margin: VOLUME_MARGIN }
      return await roomOnVolume(store.dir)
    } catch (err) {
      log.warn({ err }, 'the free room on the volume is unknown')
      return { free: Number.MAX_SAFE_INTEGER, margin: 0 }
    }
  }
}

/** What may be written of what is free. Below 0: others have taken from what is left to them. */
const roomOf = ({ free, margin }: VolumeRoom): number => free - margin

/** Whether the budget has something left for the last of those that go for their bytes. */
function isWithin(budget: EvictionBudget, victims: readonly Victim[]): boolean {
  const byBytes = victims.filter(({ reason }) => reason === 'disk')
  const allButLast = byBytes.slice(0, -1).reduce((sum, { record }) => sum + record.bytes, 0)
  if (budget.filesLeft() < victims.length - byBytes.length) return false
  return byBytes.length === 0 || budget.left() > allButLast
}

/** What slots had to leave beside them was asked once, and is promised to nobody. */
const granted = (wanted: Reserved): Reserved =>
  wanted.purpose === 'slots' ? { ...wanted, promised: 0 } : wanted

export const createJanitor = (options: JanitorOptions): Janitor => new DiskJanitor(options)
