import type { FileKey } from '../../common/bittorrent/file-key.ts'

/** What one node holds of one file. Sizes in bytes, times in wall-clock milliseconds. */
export interface CacheEntry {
  readonly key: FileKey
  readonly node: string
  readonly name: string
  readonly size: number
  /** Verified bytes on disk, boundary pieces whole. */
  readonly bytes: number
  readonly complete: boolean
  readonly storedAt: number
  readonly usedAt: number
}

/** A value of the key-value store; the revision is what a compare-and-set expects. */
export interface StoredValue<T> {
  readonly value: T
  readonly revision: number
}

/** A node that has announced itself; what it says of itself is not checked yet. */
export interface AnnouncedNode {
  readonly node: string
  readonly about: unknown
  /** Of who asks: what it was said of this id the last time, which may have been somebody else. */
  readonly before?: unknown
}

/** The right to do something alone for a while. */
export interface Lease {
  /** A fencing token: grows with every claim of a name, so that a paused owner can be recognised. */
  readonly fence: number
  /** False when the lease is lost. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

export type Claim =
  | { readonly won: true; readonly lease: Lease }
  | { readonly won: false; readonly owner: string }

/**
 * Which node holds which file, a small key-value store, and leases. Bytes of files are never in it, and
 * entries can be rebuilt from the disk (docs/decisions/0003). docs/add-a-backend.md is its contract.
 */
export interface CacheIndex {
  readonly name: 'memory' | 'sqlite' | 'redis'
  /** Other nodes see the same entries. */
  readonly shared: boolean
  /** What was saved outlives a restart. */
  readonly durable: boolean
  /** False while the backend cannot be used. */
  readonly connected: boolean
  /** The entries of all nodes. */
  find(key: FileKey): Promise<readonly CacheEntry[]>
  /**
   * @param fence of the lease that the file is fetched under. False, and nothing is saved, when an entry
   * of the file was saved under a later one: somebody else has it fetched since.
   */
  save(entry: CacheEntry, fence?: number): Promise<boolean>
  touch(key: FileKey, node: string, usedAt: number): Promise<void>
  /** False when there was no such entry. */
  forget(key: FileKey, node: string): Promise<boolean>
  /** The node's entries, least recently used first. */
  leastRecent(node: string, limit: number): Promise<readonly CacheEntry[]>
  /** Of one node; of all nodes when it is left out. */
  totals(node?: string): Promise<{ readonly files: number; readonly bytes: number }>
  readValue<T>(name: string): Promise<StoredValue<T> | undefined>
  /**
   * Compare-and-set. `expectedRevision` 0: no such value may exist. False when the revision is another
   * one, because somebody else has written since.
   */
  writeValue<T>(name: string, value: T, expectedRevision: number, ttlMs: number): Promise<boolean>
  /**
   * What all values take, those of other nodes included, and what they may take (CACHE_META_MB); in
   * bytes. The least recently used values are forgotten for others.
   */
  valueBytes(): Promise<{ readonly used: number; readonly max: number }>
  /** Who owns it already gets it anew, and what it had is lost: as after a crash, so that it waits for nobody. */
  claim(name: string, owner: string, ttlMs: number): Promise<Claim>
  /**
   * Says that a node is there, for `ttlMs`, and what it says of itself, which can be written as JSON.
   * @returns all that are there, itself included
   */
  announce(node: string, about: unknown, ttlMs: number): Promise<readonly AnnouncedNode[]>
  /** The node has gone. */
  withdraw(node: string): Promise<void>
  close(): Promise<void>
}
