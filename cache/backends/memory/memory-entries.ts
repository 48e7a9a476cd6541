import { LRUCache } from 'lru-cache'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import { atMost } from '../../../common/memory/lru-options.ts'
import type { CacheEntry } from '../../index/cache-index.ts'

/** Far more keys than CACHE_MAX_SIZE allows a node; everything in memory has a bound. */
const MAX_KEYS = 100_000

interface Total {
  files: number
  bytes: number
}

/** Entries by key and node. Totals change with every entry, so that no question has to add them up. */
export class MemoryEntries {
  readonly #totals = new Map<string, Total>()
  readonly #nodesByKey = new LRUCache<FileKey, Map<string, CacheEntry>>({
    ...atMost(MAX_KEYS),
    dispose: (nodes, _key, reason) => {
      if (reason === 'evict') for (const entry of nodes.values()) this.#count(entry, -1)
    },
  })

  find(key: FileKey): CacheEntry[] {
    return [...(this.#nodesByKey.get(key)?.values() ?? [])]
  }

  save(entry: CacheEntry): void {
    const nodes = this.#nodesByKey.get(entry.key) ?? new Map<string, CacheEntry>()
    const before = nodes.get(entry.node)
    if (before) this.#count(before, -1)
    nodes.set(entry.node, { ...entry })
    this.#count(entry, 1)
    this.#nodesByKey.set(entry.key, nodes)
  }

  touch(key: FileKey, node: string, usedAt: number): void {
    const entry = this.find(key).find((each) => each.node === node)
    if (entry) this.save({ ...entry, usedAt })
  }

  forget(key: FileKey, node: string): boolean {
    const nodes = this.#nodesByKey.get(key)
    const entry = nodes?.get(node)
    if (!nodes || !entry) return false
    this.#count(entry, -1)
    nodes.delete(node)
    if (nodes.size === 0) this.#nodesByKey.delete(key)
    return true
  }

  leastRecent(node: string, limit: number): CacheEntry[] {
    const own: CacheEntry[] = []
    for (const nodes of this.#nodesByKey.values()) {
      const entry = nodes.get(node)
      if (entry) own.push(entry)
    }
    return own.sort((a, b) => a.usedAt - b.usedAt).slice(0, limit)
  }

  totals(node: string | undefined): Total {
    if (node !== undefined) return { ...(this.#totals.get(node) ?? { files: 0, bytes: 0 }) }
    const sum = { files: 0, bytes: 0 }
    for (const { files, bytes } of this.#totals.values()) {
      sum.files += files
      sum.bytes += bytes
    }
    return sum
  }

  #count(entry: CacheEntry, sign: 1 | -1): void {
    const total = this.#totals.get(entry.node) ?? { files: 0, bytes: 0 }
    total.files += sign
    total.bytes += sign * entry.bytes
    if (total.files === 0) this.#totals.delete(entry.node)
    else this.#totals.set(entry.node, total)
  }
}
