import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { FileOnDisk } from '../disk/file-store.ts'
import type { DiskFileStore } from '../store/disk-file-store.ts'
import type { Victim } from './eviction-plan.ts'
import type { EvictionBudget, Freed } from './janitor.ts'
import type { Reservations } from './reservations.ts'

export type Amount = Pick<Freed, 'files' | 'bytes'>

export const nothing: Amount = { files: 0, bytes: 0 }
export const add = (a: Amount, b: Amount): Amount => ({
  files: a.files + b.files,
  bytes: a.bytes + b.bytes,
})

/** Without a reason: somebody asked for the removal, so it does not count as an eviction. */
interface Removal {
  readonly record: FileOnDisk
  readonly reason?: Victim['reason'] | 'ttl'
}

/** Thousands of removals at once would occupy the disk and the event loop. */
const REMOVALS_AT_ONCE = 32

/**
 * Removes files that nobody uses, and counts the evictions by reason. disk-janitor.ts and sweep.ts
 * decide when; eviction-plan.ts chooses which files.
 */
export class Evictor {
  readonly counts = { ttl: 0, count: 0, disk: 0 }
  readonly #store: DiskFileStore
  readonly #reservations: Reservations
  /** Files that could not be removed in the current task: they are not tried twice in it. */
  readonly #stuck = new Set<FileKey>()

  constructor(store: DiskFileStore, reservations: Reservations) {
    this.#store = store
    this.#reservations = reservations
  }

  /** A new task may try again what could not be removed in the last one. */
  beginTask(): void {
    this.#stuck.clear()
  }

  isInUse(key: FileKey): boolean {
    return this.#store.isPinned(key) || this.#reservations.has(key)
  }

  /** Files that nobody uses, least recently used first; those that the operator wants kept come last. */
  evictable(): readonly FileOnDisk[] {
    const idle = [...this.#store.records()].filter(
      ({ key }) => !this.#stuck.has(key) && !this.isInUse(key),
    )
    return [...idle.filter(({ keep }) => !keep), ...idle.filter(({ keep }) => keep)]
  }

  /**
   * What may go for other files: those whose readers take nothing are among them, and none that the
   * operator wants kept.
   */
  evictableForRoom(except?: FileKey): readonly FileOnDisk[] {
    const isTaken = (key: FileKey): boolean =>
      this.isInUse(key) && (this.#reservations.has(key) || !this.#store.hasIdleReaders(key))
    return [...this.#store.records()].filter(
      ({ key, keep }) => key !== except && !keep && !this.#stuck.has(key) && !isTaken(key),
    )
  }

  /** All removals begin before the first await, so that nobody can pin one of the files in between. */
  async evict(removals: readonly Removal[]): Promise<Amount> {
    return (await Promise.all(removals.map((removal) => this.#remove(removal)))).reduce(
      add,
      nothing,
    )
  }

  /**
   * As evict(); the budget pays, also for what cannot be removed, and before anything is: whoever it is
   * for may have left by then, and another would pay, or nobody. @returns bytes that are free now
   */
  async evictFor(budget: EvictionBudget, victims: readonly Victim[]): Promise<number> {
    const byBytes = victims.filter(({ reason }) => reason === 'disk')
    const bytes = byBytes.reduce((sum, { record }) => sum + record.bytes, 0)
    budget.spend(bytes, victims.length - byBytes.length)
    for (const { record } of victims) this.#store.giveUpIdle(record.key)
    return (await this.evict(victims)).bytes
  }

  /** For any number of files, a few at a time. A file that comes into use before its turn stays. */
  async evictMany(removals: readonly Removal[]): Promise<Amount> {
    let freed = nothing
    for (let i = 0; i < removals.length; i += REMOVALS_AT_ONCE) {
      const some = removals
        .slice(i, i + REMOVALS_AT_ONCE)
        .filter(({ record }) => !this.isInUse(record.key))
      freed = add(freed, await this.evict(some))
    }
    return freed
  }

  async #remove({ record, reason }: Removal): Promise<Amount> {
    const { key, bytes } = record
    if (!(await this.#store.remove(key))) {
      this.#stuck.add(key)
      return nothing
    }
    if (reason) this.counts[reason]++
    killPoint('evict:one')
    return { files: 1, bytes }
  }
}
