import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'

/**
 * Room promised to one download. What counts against the limits is never moved by hand: a promised
 * content counts as its whole footprint, whatever part of it the store counts already, so
 * reserved = footprint - record.bytes at every instant and mark()/unmark() need no second call.
 */
export interface Reservation {
  /** Gives back what did not arrive; what did stays counted by the store. Safe to call twice. */
  release(): void
}

export interface Freed {
  readonly files: number
  readonly bytes: number
  /** Candidates left alone because somebody reads or fills them. */
  readonly keptInUse: number
}

export interface SweepStep {
  readonly name: string
  readonly ms: number
  readonly files: number
  readonly bytes: number
}

export interface DiskState {
  readonly usedBytes: number
  /** What may be used in all: CACHE_MAX_DISK_MB, or less where the volume has not that much room. */
  readonly maxBytes: number
  /** CACHE_MAX_DISK_MB. */
  readonly configuredBytes: number
  readonly reservedBytes: number
  readonly freeOnVolumeBytes: number
}

export interface Janitor {
  /**
   * Room for one content's footprint: evicts least recently used ones, never a held one, and nothing
   * at all when that would not be enough. Bytes of the content that are here already (a partial that
   * resumes) are counted once, and it is not evicted from here on. Release after PartialFile.close().
   * @param room `spare`: only what is free; nothing is evicted for it
   * @throws Fault DOES_NOT_FIT
   */
  reserve(key: FileKey, layout: PieceLayout, room?: 'evict' | 'spare'): Promise<Reservation>
  /** TTL, count, bytes: what is past the limits goes. Named timed steps. One at a time. */
  sweep(): Promise<Freed>
  /** Everything that nobody uses goes; only of these contents, when they are named. */
  clear(only?: ReadonlySet<FileKey>): Promise<Freed>
  disk(): Promise<DiskState>
  readonly evictions: { readonly ttl: number; readonly count: number; readonly disk: number }
  readonly lastSweep: { readonly at: string; readonly steps: readonly SweepStep[] } | undefined
}
