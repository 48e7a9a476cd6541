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
interface Leaving {
  readonly record: StoredFile
  readonly because?: Victim['because'] | 'ttl'
}

export interface Evictor {
  readonly counts: { readonly ttl: number; readonly count: number; readonly disk: number }
  /** A new task: whom the disk did not let go in the last one may be tried again. */
  begin(): void
  inUse(key: FileKey): boolean
  /** Who may go, least recently used first. */
  idle(except?: FileKey): readonly StoredFile[]
  /** Every remove is called before the first await: nobody can take one of them meanwhile. */
  evict(leaving: readonly Leaving[]): Promise<Amount>
  /** The same for any number of them, a few at a time: who takes one meanwhile keeps it. */
  evictMany(leaving: readonly Leaving[]): Promise<Amount>
}

/** Thousands at once would keep the disk, and the event loop with what it answers, to themselves. */
const AT_ONCE = 32

/** Removes what nobody uses, and knows who that is. */
export function createEvictor(store: FileStore, isPromised: (key: FileKey) => boolean): Evictor {
  const counts = { ttl: 0, count: 0, disk: 0 }
  const stuck = new Set<FileKey>()

  const inUse = (key: FileKey): boolean => store.isPinned(key) || isPromised(key)

  async function evictOne({ record, because }: Leaving): Promise<Amount> {
    const { key, bytes } = record
    if (!(await store.remove(key))) {
      stuck.add(key)
      return nothing
    }
    if (because) counts[because]++
    killPoint('evict:one')
    return { files: 1, bytes }
  }

  const evict = async (leaving: readonly Leaving[]): Promise<Amount> =>
    (await Promise.all(leaving.map(evictOne))).reduce(add, nothing)

  async function evictMany(leaving: readonly Leaving[]): Promise<Amount> {
    let freed = nothing
    for (let i = 0; i < leaving.length; i += AT_ONCE) {
      const some = leaving.slice(i, i + AT_ONCE).filter(({ record }) => !inUse(record.key))
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
