import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { StoredFile } from '../disk/file-store.ts'
import { freeOnVolume, VOLUME_MARGIN } from '../disk/volume.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import type { DiskFileStore } from '../store/disk-file-store.ts'
import { createKeyedLock } from '../store/keyed-lock.ts'
import { planEviction, type Usage, usageOf } from './eviction-plan.ts'
import { createEvictor } from './evictor.ts'
import type { DiskState, Freed, Janitor, Reservation } from './janitor.ts'
import { createReservations, type ReservedFile } from './reservations.ts'
import { createSweep, type SweepParts } from './sweep.ts'

export interface JanitorOptions {
  readonly store: DiskFileStore
  readonly index: CacheIndex
  readonly limits: SweepParts['limits']
  readonly clock: Clock
  readonly log: Log
  /** Bytes free on the volume of CACHE_DIR; tests name their own. */
  readonly freeBytes?: () => Promise<number>
}

/** Keeps this node within its limits; one task at a time. */
export function createJanitor(options: JanitorOptions): Janitor {
  const { store, limits } = options
  const reservations = createReservations()
  const evictor = createEvictor(store, reservations.has)
  const lock = createKeyedLock()
  const usage = (extra?: ReservedFile): Usage =>
    usageOf(store.records(), reservations.layouts(extra))
  const sweep = createSweep({ ...options, evictor, usage })
  let lastSweep: Janitor['lastSweep']
  let wasClamped = false

  const oneAtATime = <T>(task: () => Promise<T>): Promise<T> =>
    lock.run('', () => {
      evictor.begin()
      return task()
    })

  async function reserve(content: ReservedFile, spare: boolean): Promise<Reservation> {
    let free = await freeBytes(options)
    for (;;) {
      const now = usage(content)
      const volumeShortfall = now.reserved === 0 ? 0 : now.reserved + VOLUME_MARGIN - free
      const { victims, enough } = planEviction(
        now,
        limits,
        volumeShortfall,
        evictor.idle(content.key),
      )
      if (!enough || (spare && victims.length > 0)) throw new Fault('DOES_NOT_FIT')
      // Granted in the tick of the decision: used + reserved is within the limit at every instant.
      if (victims.length === 0) return reservations.add(content)
      free += (await evictor.evict(victims)).bytes
    }
  }

  async function clear(only?: ReadonlySet<FileKey>): Promise<Freed> {
    const meant = ({ key }: StoredFile): boolean => only?.has(key) ?? true
    const idle = evictor.idle().filter(meant)
    const keptInUse = [...store.records()].filter(meant).length - idle.length
    return { ...(await evictor.evictMany(idle.map((record) => ({ record })))), keptInUse }
  }

  async function disk(): Promise<DiskState> {
    const freeOnVolumeBytes = await freeBytes(options)
    const { used: usedBytes, reserved: reservedBytes } = usage()
    const configuredBytes = limits.maxBytes
    const room = usedBytes + Math.max(0, freeOnVolumeBytes - VOLUME_MARGIN)
    const maxBytes = Math.min(configuredBytes, room)
    return { usedBytes, maxBytes, configuredBytes, reservedBytes, freeOnVolumeBytes }
  }

  /** Once a change: a volume that is nearly full would say it at every sweep. */
  async function tellClamp(): Promise<void> {
    const { maxBytes, configuredBytes } = await disk()
    const clamped = maxBytes < configuredBytes
    if (clamped === wasClamped) return
    wasClamped = clamped
    const facts = { maxBytes, configuredBytes }
    if (clamped) options.log.warn(facts, 'the volume has less room than CACHE_MAX_DISK_MB allows')
    else options.log.info(facts, 'the volume has the room that CACHE_MAX_DISK_MB allows')
  }

  return {
    reserve: (key, layout, room) => oneAtATime(() => reserve({ key, layout }, room === 'spare')),
    clear: (only) => oneAtATime(() => clear(only)),
    sweep: () =>
      oneAtATime(async () => {
        const { freed, at, steps } = await sweep()
        lastSweep = { at, steps }
        await tellClamp()
        return freed
      }),
    disk,
    evictions: evictor.counts,
    get lastSweep() {
      return lastSweep
    },
  }
}

async function freeBytes({ store, log, freeBytes: ask }: JanitorOptions): Promise<number> {
  try {
    return await (ask?.() ?? freeOnVolume(store.dir))
  } catch (err) {
    log.warn({ err }, 'the free room on the volume is unknown')
    return Number.MAX_SAFE_INTEGER
  }
}
