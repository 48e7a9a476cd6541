import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { FileStore, StoredFile } from '../disk/file-store.ts'
import type { Victim } from './eviction-plan.ts'
import type { Freed } from './janitor.ts'

export type Amount = Pick<Freed, 'files' | 'bytes'>

export const nothing: Amount = { files: 0, bytes: 0 }
export const add = (a: Amount, b: Amount): Amount => ({
  files: a.files + b.files,
  bytes: a.bytes + b.bytes,
})

/** Without a reason (somebody asked for it) a removal is not counted as an eviction. */
interface Removal {
  readonly record: StoredFile
  readonly reason?: Victim['reason'] | 'ttl'
}

export interface Evictor {
  readonly counts: { readonly ttl: number; readonly count: number; readonly disk: number }
  /** A new task: whom the disk did not let go in the last one may be tried again. */
  begin(): void
  inUse(key: FileKey): boolean
  /** Who may go, least recently used first. */
  idle(except?: FileKey): readonly StoredFile[]
  /** Every remove is called before the first await: nobody can take one of them meanwhile. */
  evict(removals: readonly Removal[]): Promise<Amount>
  /** The same for any number of them, a few at a time: who takes one meanwhile keeps it. */
  evictMany(removals: readonly Removal[]): Promise<Amount>
}

/** Thousands at once would keep the disk, and the event loop with what it answers, to themselves. */
const AT_ONCE = 32

/** Removes what nobody uses, and knows who that is. */
export function createEvictor(store: FileStore, isReserved: (key: FileKey) => boolean): Evictor {
  const counts = { ttl: 0, count: 0, disk: 0 }
  const stuck = new Set<FileKey>()

  const inUse = (key: FileKey): boolean => store.isPinned(key) || isReserved(key)

  async function evictOne({ record, reason }: Removal): Promise<Amount> {
    const { key, bytes } = record
    if (!(await store.remove(key))) {
      stuck.add(key)
      return nothing
    }
    if (reason) counts[reason]++
    killPoint('evict:one')
    return { files: 1, bytes }
  }

  const evict = async (removals: readonly Removal[]): Promise<Amount> =>
    (await Promise.all(removals.map(evictOne))).reduce(add, nothing)

  async function evictMany(removals: readonly Removal[]): Promise<Amount> {
    let freed = nothing
    for (let i = 0; i < removals.length; i += AT_ONCE) {
      const some = removals.slice(i, i + AT_ONCE).filter(({ record }) => !inUse(record.key))
      freed = add(freed, await evict(some))
    }
    return freed
  }

  return {
    counts,
    begin: () => stuck.clear(),
    inUse,
    idle: (except) =>
      [...store.records()].filter(({ key }) => key !== except && !stuck.has(key) && !inUse(key)),
    evict,
    evictMany,
  }
}
