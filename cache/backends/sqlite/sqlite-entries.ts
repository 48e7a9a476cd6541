import { setImmediate as nextTick } from 'node:timers/promises'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import type { Position } from './sqlite-entry-table.ts'
import type { Pending } from './sqlite-pending.ts'

/** Entries read between two ticks of the event loop. */
const PAGE = 250

/** The entries of the database, as the changes that could not be written yet leave them. */
export class SqliteEntries {
  readonly #connection: SqliteConnection
  readonly #pending: Pending

  constructor(connection: SqliteConnection, pending: Pending) {
    this.#connection = connection
    this.#pending = pending
  }

  find(key: FileKey): CacheEntry[] {
    const found = this.#connection.read(({ entries }) => entries.find(key)) ?? []
    if (!this.#pending.hasEntries) return found
    return [
      ...found.filter((entry) => !this.#isPending(entry)),
      ...this.#pending.saved().filter((entry) => entry.key === key),
    ]
  }

  save(entry: CacheEntry): void {
    if (this.#connection.write(({ entries }) => entries.save(entry))) return
    this.#pending.setEntry(entry.key, entry.node, entry)
  }

  touch(key: FileKey, node: string, usedAt: number): void {
    if (this.#connection.write(({ entries }) => entries.touch(key, node, usedAt))) return
    const entry = this.#entryOf(key, node)
    if (entry) this.#pending.setEntry(key, node, { ...entry, usedAt })
  }

  forget(key: FileKey, node: string): boolean {
    const done = this.#connection.write(({ entries }) => entries.forget(key, node))
    if (done) return done.value
    const existed = this.#entryOf(key, node) !== undefined
    this.#pending.setEntry(key, node, undefined)
    return existed
  }

  async leastRecent(node: string, limit: number): Promise<CacheEntry[]> {
    const found = new Map<string, CacheEntry>()
    let after: Position | undefined
    do {
      const page = this.#connection.read(({ entries }) => entries.page(node, after, PAGE))
      // An entry that is touched while pages are read moves to the end and is met twice: the first counts.
      for (const entry of page?.entries ?? []) {
        if (!found.has(entry.key) && !this.#isPending(entry)) found.set(entry.key, entry)
      }
      after = page?.next
      if (after) await nextTick()
    } while (after && found.size < limit)
    const pending = this.#pending.saved().filter((entry) => entry.node === node)
    for (const entry of pending) found.set(entry.key, entry)
    const all = [...found.values()]
    if (pending.length > 0) all.sort((a, b) => a.usedAt - b.usedAt)
    return all.slice(0, limit)
  }

  totals(node: string | undefined): { files: number; bytes: number } {
    const total = this.#unchangedTotals(node)
    for (const entry of this.#pending.saved()) {
      if (node !== undefined && entry.node !== node) continue
      total.files++
      total.bytes += entry.bytes
    }
    return total
  }

  /** Totals of the database without the entries that have a pending change. */
  #unchangedTotals(node: string | undefined): { files: number; bytes: number } {
    const total = this.#connection.read(({ entries }) => {
      const sum = entries.totals(node)
      for (const change of this.#pending.entries()) {
        if (node !== undefined && change.node !== node) continue
        const bytes = entries.bytesOf(change.key, change.node)
        if (bytes === undefined) continue
        sum.files--
        sum.bytes -= bytes
      }
      return sum
    })
    return total ?? { files: 0, bytes: 0 }
  }

  #isPending({ key, node }: CacheEntry): boolean {
    return this.#pending.entry(key, node) !== undefined
  }

  #entryOf(key: FileKey, node: string): CacheEntry | undefined {
    const change = this.#pending.entry(key, node)
    return change ? change.entry : this.find(key).find((entry) => entry.node === node)
  }
}
