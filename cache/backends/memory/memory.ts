import { LRUCache } from 'lru-cache'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { CacheEntry, CacheIndex } from '../../index/cache-index.ts'
import { createLeases } from '../../index/leases.ts'
import { createMemoryValues } from './memory-values.ts'

/** Far above any CACHE_MAX_SIZE of one node; a bound, because everything in memory has one. */
const MAX_KEYS = 100_000

type Nodes = Map<string, CacheEntry>

interface Total {
  files: number
  bytes: number
}

/** Entries per (key, node), and totals kept with every change instead of being summed up. */
function createEntries() {
  const totals = new Map<string, Total>()

  function count(entry: CacheEntry, sign: 1 | -1): void {
    const total = totals.get(entry.node) ?? { files: 0, bytes: 0 }
    total.files += sign
    total.bytes += sign * entry.bytes
    if (total.files === 0) totals.delete(entry.node)
    else totals.set(entry.node, total)
  }

  const keys = new LRUCache<FileKey, Nodes>({
    max: MAX_KEYS,
    dispose: (nodes, _key, reason) => {
      if (reason === 'evict') for (const entry of nodes.values()) count(entry, -1)
    },
  })

  function put(entry: CacheEntry): void {
    const nodes = keys.get(entry.key) ?? new Map<string, CacheEntry>()
    const before = nodes.get(entry.node)
    if (before) count(before, -1)
    nodes.set(entry.node, { ...entry })
    count(entry, 1)
    keys.set(entry.key, nodes)
  }

  function drop(key: FileKey, node: string): boolean {
    const nodes = keys.get(key)
    const entry = nodes?.get(node)
    if (!nodes || !entry) return false
    count(entry, -1)
    nodes.delete(node)
    if (nodes.size === 0) keys.delete(key)
    return true
  }

  const find = (key: FileKey): CacheEntry[] => [...(keys.get(key)?.values() ?? [])]

  function total(node: string | undefined): Total {
    if (node !== undefined) return { ...(totals.get(node) ?? { files: 0, bytes: 0 }) }
    const sum = { files: 0, bytes: 0 }
    for (const { files, bytes } of totals.values()) {
      sum.files += files
      sum.bytes += bytes
    }
    return sum
  }

  function leastRecent(node: string, limit: number): CacheEntry[] {
    const own: CacheEntry[] = []
    for (const nodes of keys.values()) {
      const entry = nodes.get(node)
      if (entry) own.push(entry)
    }
    return own.sort((a, b) => a.usedAt - b.usedAt).slice(0, limit)
  }

  return { put, drop, find, total, leastRecent }
}

/**
 * The index of a single node, in its memory. Entries are rebuilt from the sidecars at every start;
 * notes are kept in `valuesFile` when it is given (CACHE_PERSISTENT).
 */
export function createMemoryIndex(deps: {
  clock: Clock
  valuesFile?: string | undefined
  log?: Log | undefined
}): CacheIndex {
  const entries = createEntries()
  const leases = createLeases(deps.clock)
  const notes = createMemoryValues({ clock: deps.clock, log: deps.log, file: deps.valuesFile })
  return {
    name: 'memory',
    shared: false,
    durable: deps.valuesFile !== undefined,
    connected: true,
    find: async (key) => entries.find(key),
    save: async (entry) => entries.put(entry),
    async touch(key, node, usedAt) {
      const entry = entries.find(key).find((each) => each.node === node)
      if (entry) entries.put({ ...entry, usedAt })
    },
    forget: async (key, node) => entries.drop(key, node),
    leastRecent: async (node, limit) => entries.leastRecent(node, limit),
    totals: async (node) => entries.total(node),
    readValue: (name) => notes.read(name),
    writeValue: (name, value, expected, ttlMs) => notes.write(name, value, expected, ttlMs),
    claim: async (name, owner, ttlMs) => leases.claim(name, owner, ttlMs),
    close: () => notes.close(),
  }
}
