import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import type { SlotStorage } from './slot-files.ts'

/** One file of a torrent on this node's disk, complete or partial, as its sidecar describes it. */
export interface FileOnDisk {
  readonly key: FileKey
  readonly name: string
  readonly layout: PieceLayout
  /** Pieces on disk, numbered from the file's first piece. */
  readonly pieces: Bitfield
  /** Verified bytes on disk. Boundary pieces count whole, with the bytes of the neighbour file. */
  readonly bytes: number
  readonly complete: boolean
  /** Wall-clock milliseconds. */
  readonly storedAt: number
  /** Wall-clock milliseconds; follows jumps of that clock, so `clock.wall() - usedAt` is the idle time. */
  readonly usedAt: number
  /** The operator wants it kept: it is not evicted for other files, nor for its age. */
  readonly keep: boolean
}

/** A complete file in use: it is not removed before release(), unless its readers take nothing for a minute. */
export interface PinnedFile {
  readonly record: FileOnDisk
  readonly size: number
  /** `<CACHE_DIR>/<infoHash>`: the engine finds it there. */
  readonly folder: string
  read(range: ByteRange): ByteReader
  /** Safe to call twice. */
  release(): void
}

/** A file that a download fills. It is pinned until closed, and only that download marks pieces. */
export interface PartialFile {
  readonly record: FileOnDisk
  /** `<CACHE_DIR>/<infoHash>`: the engine writes `<fileIdx>` and `edges/<fileIdx>-<piece>` below it. */
  readonly folder: string
  /** False after a crash: the pieces have to be hashed again before they may be served. */
  readonly trusted: boolean
  /**
   * Counts pieces (numbered in the torrent) that are verified and on disk; the sidecar follows within
   * a second. Marking a counted piece of an untrusted file again says that it was hashed again.
   */
  mark(pieces: readonly number[]): void
  /** Takes pieces out of the count that turned out to be missing or wrong. */
  unmark(pieces: readonly number[]): void
  /**
   * Who wrote it has ended and may not have told of every piece: close() looks for them on disk. They take
   * room, and are hashed when the file is next opened.
   */
  mayHoldMore(): void
  /**
   * Makes the file complete: flushes its bytes, writes the sidecar, tells the index. pin() finds it then.
   * @param mayPublish asked when the bytes are flushed; false: nothing is published
   * @returns whether it was
   * @throws Fault DOES_NOT_FIT (disk full), INTERNAL
   */
  publish(mayPublish?: () => Promise<boolean>): Promise<boolean>
  /** Unpins it. Pieces of an incomplete file stay on disk for the next download. Safe to call twice. */
  close(): Promise<void>
}

/** The files on this node's disk (docs/decisions/0003). */
export interface FileStore {
  /** Id of this node. */
  readonly node: string
  /** A complete file of this node, without pinning it. Synchronous, for lists and HEAD requests. */
  stored(key: FileKey): FileOnDisk | undefined
  /**
   * Pins a complete file; undefined when this node has none. The pin counts before the first await, so
   * nothing can remove the file in between.
   */
  pin(key: FileKey): Promise<PinnedFile | undefined>
  /**
   * Opens or creates the file for a download, at most one at a time per key.
   * @param fence of the lease that it is fetched under; the index is told of it with every entry
   * @throws Fault DOES_NOT_FIT (disk full), DRAINING (the store is closing), INTERNAL
   */
  open(key: FileKey, name: string, layout: PieceLayout, fence?: number): Promise<PartialFile>
  /** The torrent's metainfo (a bencoded .torrent, BEP 3), kept in the folder of its files. */
  readMetainfo(infoHash: string): Promise<Uint8Array | undefined>
  /** Does nothing while no file of the torrent is here. */
  writeMetainfo(infoHash: string, metainfo: Uint8Array): Promise<void>
  /** An empty file for a play that keeps nothing (docs/decisions/0007); the caller reserves its bytes. */
  openSlots(key: FileKey): Promise<SlotStorage>
  isPinned(key: FileKey): boolean
  /**
   * Whether the operator wants it kept, until said otherwise; its sidecar says so across restarts.
   * @returns false when it is not here
   * @throws the file system's error, and then it is as it was
   */
  setKeep(key: FileKey, keep: boolean): Promise<boolean>
  /** True when this call removed it; false while it is pinned, when it is unknown, or on a disk error. */
  remove(key: FileKey): Promise<boolean>
  /** All files, partial ones too, least recently used first. The objects change as the files do. */
  records(): Iterable<FileOnDisk>
  close(): Promise<void>
}
