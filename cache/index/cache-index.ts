import type { FileKey } from '../../common/bittorrent/file-key.ts'

/** What one node holds of one content. Sizes in bytes, times in wall-clock milliseconds. */
export interface CacheEntry {
  readonly key: FileKey
  readonly node: string
  readonly name: string
  readonly size: number
  /** Verified payload kept on disk, boundary pieces whole. */
  readonly bytes: number
  readonly complete: boolean
  readonly storedAt: number
  readonly usedAt: number
}

export interface StoredValue<T> {
  readonly value: T
  readonly revision: number
}

export interface Lease {
  /** Grows with every claim of one name, so that a paused owner can be told from its successor. */
  readonly fence: number
  renew(): Promise<boolean>
  release(): Promise<void>
}

export type Claim =
  | { readonly won: true; readonly lease: Lease }
  | { readonly won: false; readonly owner: string }

/** Where the source lists of the cache live; bytes never do (docs/add-a-backend.md). Entries are per (key, node). */
export interface CacheIndex {
  readonly name: 'memory' | 'sqlite' | 'redis'
  /** Other nodes see the same entries. */
  readonly shared: boolean
  /** What was saved is there after a restart. */
  readonly durable: boolean
  /** False while the backend cannot be reached. */
  readonly connected: boolean
  find(key: FileKey): Promise<readonly CacheEntry[]>
  save(entry: CacheEntry): Promise<void>
  touch(key: FileKey, node: string, usedAt: number): Promise<void>
  /** Answers whether it was there. */
  forget(key: FileKey, node: string): Promise<boolean>
  /** The node's entries, least recently used first. */
  leastRecent(node: string, limit: number): Promise<readonly CacheEntry[]>
  totals(node?: string): Promise<{ readonly files: number; readonly bytes: number }>
  readValue<T>(name: string): Promise<StoredValue<T> | undefined>
  /** Compare-and-set: expectedRevision 0 = must not exist. Answers false when somebody was faster. */
  writeValue<T>(name: string, value: T, expectedRevision: number, ttlMs: number): Promise<boolean>
  claim(name: string, owner: string, ttlMs: number): Promise<Claim>
  close(): Promise<void>
}
