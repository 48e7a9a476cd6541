import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'

/**
 * Room reserved for one download. A reserved file counts with its whole footprint, and what is still
 * reserved is derived: footprint - record.bytes at every moment. So mark() and unmark() of a piece need
 * no call to the janitor (docs/decisions/0003).
 */
export interface Reservation {
  /** Gives back what was not downloaded; what is on disk stays counted. Safe to call twice. */
  release(): void
}

export interface Freed {
  readonly files: number
  readonly bytes: number
  /** Files that were left because somebody reads or fills them. */
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
  /** What may be used in all: CACHE_MAX_DISK_MB, or less when the volume has less room. */
  readonly maxBytes: number
  /** CACHE_MAX_DISK_MB. */
  readonly configuredBytes: number
  readonly reservedBytes: number
  readonly freeOnVolumeBytes: number
}

export interface Janitor {
  /**
   * Reserves room for the footprint of a file. Evicts least recently used files for it, but none in use,
   * and none at all when that would not be enough. Bytes of the file that are on disk already count once,
   * and the file itself is not evicted from here on. Release it after PartialFile.close().
   * @param room `spare`: takes only free room and evicts nothing
   * @throws Fault DOES_NOT_FIT
   */
  reserve(key: FileKey, layout: PieceLayout, room?: 'evict' | 'spare'): Promise<Reservation>
  /** Removes what exceeds CACHE_TTL, CACHE_MAX_SIZE or CACHE_MAX_DISK_MB, and heals the index. */
  sweep(): Promise<Freed>
  /** Removes every file that nobody uses; with `only`, no others than these. */
  clear(only?: ReadonlySet<FileKey>): Promise<Freed>
  disk(): Promise<DiskState>
  readonly evictions: { readonly ttl: number; readonly count: number; readonly disk: number }
  /** `at` is ISO 8601. */
  readonly lastSweep: { readonly at: string; readonly steps: readonly SweepStep[] } | undefined
}
