import { z } from 'zod'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'
import {
  COUNT_AGAIN,
  DROP_SILENT,
  FIND,
  FORGET,
  KEYS_BY_USE,
  SAVE,
  TOTALS,
  TOTALS_OF_ALL,
  TOUCH,
  VALUES,
} from './redis-entry-scripts.ts'
import { entryOf, textOfEntry } from './redis-entry-text.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'

/** Entries read in one round trip, so that none keeps Redis busy for long. */
const BATCH = 500
/** Keys read in one: only keys are short. */
const PAGE = 5000
const SILENT_SECONDS = 7 * 24 * 3600
/** Far longer than any node is paused. */
export const FENCE_MS = 24 * 3600 * 1000

const totalsShape = z.tuple([z.int().nonnegative(), z.coerce.number<string>()])
const textsShape = z.array(z.string())
const pageShape = z.tuple([z.int(), textsShape])

/**
 * Entries and their totals. `usedAt` is the clock of the entry's node. Only that node compares the times
 * of its entries, so clocks of different nodes are never compared.
 */
export class RedisEntries {
  readonly #redis: RedisLink
  readonly #keys: RedisKeys

  constructor(redis: RedisLink, keys: RedisKeys) {
    this.#redis = redis
    this.#keys = keys
  }

  async find(key: FileKey): Promise<CacheEntry[]> {
    const { nodes, entriesOf } = this.#keys
    const reply = textsShape.parse(await this.#redis.run(FIND, [nodes], [entriesOf, key]))
    const found: CacheEntry[] = []
    for (let at = 0; at < reply.length; at += 2) {
      const entry = await this.#readable(key, reply[at] ?? '', reply[at + 1])
      if (entry) found.push(entry)
    }
    return found
  }

  async save(entry: CacheEntry, fence?: number): Promise<boolean> {
    const { key, node, bytes, usedAt } = entry
    const saved = await this.#redis.run(
      SAVE,
      [...this.#keysOf(node), this.#keys.fence(key)],
      [key, textOfEntry(entry), bytes, usedAt, node, fence ?? '', FENCE_MS],
    )
    return saved === 1
  }

  async touch(key: FileKey, node: string, usedAt: number): Promise<void> {
    await this.#redis.run(TOUCH, this.#keysOf(node).slice(0, 2), [key, usedAt])
  }

  async forget(key: string, node: string): Promise<boolean> {
    return (await this.#redis.run(FORGET, this.#keysOf(node), [key, node])) === 1
  }

  async leastRecent(node: string, limit: number): Promise<CacheEntry[]> {
    const found: CacheEntry[] = []
    if (limit <= 0) return found
    const [entriesKey = ''] = this.#keysOf(node)
    const order = await this.#keysByUse(node, limit)
    for (let at = 0; at < order.length; at += BATCH) {
      const batch = order.slice(at, at + BATCH)
      const values = textsShape.parse(await this.#redis.run(VALUES, [entriesKey], batch))
      for (const [i, key] of batch.entries()) {
        const entry = await this.#readable(key, node, values[i])
        if (entry) found.push(entry)
      }
    }
    if (order.length < limit) await this.#correctSum(node, found)
    return found
  }

  async totals(node: string | undefined): Promise<{ files: number; bytes: number }> {
    const { nodes, entriesOf, orderOf } = this.#keys
    const reply =
      node === undefined
        ? await this.#redis.run(TOTALS_OF_ALL, [nodes], [entriesOf, orderOf])
        : await this.#redis.run(TOTALS, this.#keysOf(node), [node])
    const [files, bytes] = totalsShape.parse(reply)
    return { files, bytes }
  }

  /** Removes the entries of nodes that have not written anything for a week. */
  async dropSilent(): Promise<void> {
    const { nodes, entriesOf, orderOf } = this.#keys
    await this.#redis.run(DROP_SILENT, [nodes], [entriesOf, orderOf, SILENT_SECONDS])
  }

  /** One that is used between two pages moves to the end, and is met there. */
  async #keysByUse(node: string, limit: number): Promise<string[]> {
    const [entriesKey = '', orderKey = ''] = this.#keysOf(node)
    const order = new Set<string>()
    for (let at = 0; at < limit; ) {
      const last = Math.min(at + PAGE, limit) - 1
      const reply = await this.#redis.run(KEYS_BY_USE, [orderKey, entriesKey], [at, last])
      const [removed, page] = pageShape.parse(reply)
      for (const key of page) order.add(key)
      if (page.length + removed <= last - at) break
      at += page.length
    }
    return [...order]
  }

  /** KEYS of the scripts: entries and order of the node, and all nodes. */
  #keysOf(node: string): string[] {
    const { entriesOf, orderOf, nodes } = this.#keys
    return [entriesOf + node, orderOf + node, nodes]
  }

  /** Removes an entry that cannot be read, or is only in the order, so that totals and order are right. */
  async #readable(
    key: string,
    node: string,
    value: string | undefined,
  ): Promise<CacheEntry | undefined> {
    const entry = value ? entryOf(key, node, value) : undefined
    if (!entry) await this.#redis.run(FORGET, this.#keysOf(node), [key, node, value ?? ''])
    return entry
  }

  /** Whoever lists all entries of a node compares them with its disk (heal-index.ts): the sum has to agree. */
  async #correctSum(node: string, all: readonly CacheEntry[]): Promise<void> {
    const { bytes } = await this.totals(node)
    if (bytes === all.reduce((sum, each) => sum + each.bytes, 0)) return
    await this.#redis.run(COUNT_AGAIN, this.#keysOf(node), [])
  }
}
