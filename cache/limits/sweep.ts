import type { Clock } from '../../common/clock.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { Log } from '../../common/log.ts'
import type { FileOnDisk } from '../disk/file-store.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import type { DiskFileStore } from '../store/disk-file-store.ts'
import { healIndex } from '../store/heal-index.ts'
import { planEviction, type Usage } from './eviction-plan.ts'
import { type Amount, add, type Evictor, nothing } from './evictor.ts'
import type { Freed, SweepStep } from './janitor.ts'

/** Metainfo without a file stays this long: it may belong to a play that is about to begin. */
const ORPHAN_IDLE_MS = 3_600_000

export interface SweepResult {
  readonly freed: Freed
  /** ISO 8601. */
  readonly at: string
  readonly steps: readonly SweepStep[]
}

export interface SweepParts {
  readonly store: DiskFileStore
  readonly index: CacheIndex
  readonly evictor: Evictor
  readonly usage: () => Usage
  readonly limits: {
    readonly ttlSeconds: number
    readonly maxFiles: number
    readonly maxBytes: number
  }
  readonly clock: Clock
  readonly log: Log
}

interface Step {
  readonly name: string
  run(): Promise<Amount>
}

function stepsOf(parts: SweepParts, isExpired: (record: FileOnDisk) => boolean): readonly Step[] {
  const { store, index, evictor, usage, limits } = parts
  const unlimited = { maxFiles: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER }

  // reserve() keeps every limit, so this finds something only after a limit was lowered or a removal
  // has failed.
  const enforce = (limit: Partial<typeof unlimited>): Promise<Amount> =>
    evictor.evictMany(
      planEviction(usage(), { ...unlimited, ...limit }, 0, evictor.evictable()).victims,
    )

  return [
    {
      name: 'expired',
      run() {
        const expired = evictor.evictable().filter((record) => !record.keep && isExpired(record))
        return evictor.evictMany(expired.map((record) => ({ record, reason: 'ttl' })))
      },
    },
    { name: 'count', run: () => enforce({ maxFiles: limits.maxFiles }) },
    { name: 'disk', run: () => enforce({ maxBytes: limits.maxBytes }) },
    {
      name: 'orphans',
      run: async () => ({ files: await store.dropOrphans(ORPHAN_IDLE_MS), bytes: 0 }),
    },
    {
      name: 'index',
      run: async () => ({
        files: await healIndex(index, store.node, [...store.records()]),
        bytes: 0,
      }),
    },
  ]
}

/** Steps that remove files; the others count folders and index entries. */
const FREES_FILES = new Set(['expired', 'count', 'disk'])

/** Makes a sweep: a list of named, timed steps. A step that fails does not stop the others. */
export function createSweep(parts: SweepParts): () => Promise<SweepResult> {
  const { store, index, evictor, limits, clock, log } = parts
  // usedAt follows jumps of the wall clock, so a jump expires nothing.
  const isExpired = (record: FileOnDisk): boolean =>
    clock.wall() - record.usedAt >= limits.ttlSeconds * 1000
  const steps = stepsOf(parts, isExpired)

  return async () => {
    const expired = [...store.records()].filter(isExpired)
    const keptInUse = expired.filter(({ key }) => evictor.isInUse(key)).length
    const done: SweepStep[] = []
    let freed = nothing
    for (const { name, run } of steps) {
      const began = clock.steady()
      const amount = await run().catch((err: unknown) => {
        // A backend that cannot be reached has logged that itself, once.
        const level = name === 'index' && !index.connected ? 'debug' : 'warn'
        log[level]({ err, step: name }, 'a step of the sweep failed')
        return nothing
      })
      killPoint('sweep:step')
      done.push({ name, ms: Math.round(clock.steady() - began), ...amount })
      if (FREES_FILES.has(name)) freed = add(freed, amount)
    }
    await store.saveRunningTime()
    if (freed.files > 0) log.info({ ...freed, steps: done }, 'swept')
    return { freed: { ...freed, keptInUse }, at: new Date(clock.wall()).toISOString(), steps: done }
  }
}
