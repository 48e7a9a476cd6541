import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import type { SlotFile } from './slot-files.ts'

/** What the sidecar says of a content (docs/decisions/0003). */
export interface StoredFile {
  readonly key: FileKey
  readonly name: string
  readonly layout: PieceLayout
  /** Pieces of the file kept, numbered from the file's first piece. */
  readonly pieces: Bitfield
  /** Verified bytes kept, boundary pieces whole. */
  readonly bytes: number
  readonly complete: boolean
  readonly storedAt: number
  /** Moves along when the wall clock jumps, so that `clock.wall() - usedAt` is always the idle time. */
  readonly usedAt: number
}

/** A complete file that cannot be removed until released. */
export interface PinnedFile {
  readonly record: StoredFile
  readonly size: number
  read(range: ByteRange): ByteReader
  /** Safe to call twice. */
  release(): void
}

/** A content that arrives: held until closed. Only its owner (a download) marks pieces. */
export interface PartialFile {
  readonly record: StoredFile
  /** `<CACHE_DIR>/<infoHash>`: the engine writes `<fileIdx>` and `edges/<fileIdx>-<piece>` below it. */
  readonly folder: string
  /** False after an unclean stop: the pieces must be hashed again before they count. */
  readonly trusted: boolean
  /**
   * Pieces (numbered in the torrent) that are verified and on disk. Counts bytes, writes the sidecar
   * soon. Marking a counted piece of an untrusted content again says that its hash was checked anew.
   */
  mark(pieces: readonly number[]): void
  /** Pieces that turned out not to be there after all. */
  unmark(pieces: readonly number[]): void
  /** fsync bytes, sidecar complete, index. The content is then found by hold(). */
  publish(): Promise<void>
  /** Stops being held; what is there stays as a partial (sidecar written). Safe to call twice. */
  close(): Promise<void>
}

export interface FileStore {
  readonly node: string
  /** Complete and here, without holding it. Synchronous: used by lists and HEAD. */
  stored(key: FileKey): StoredFile | undefined
  /** Counted before the first await (docs/decisions/0003). undefined when not complete here. */
  pin(key: FileKey): Promise<PinnedFile | undefined>
  /** Opens (or creates) the content for arriving. One at a time per key. */
  open(key: FileKey, name: string, layout: PieceLayout): Promise<PartialFile>
  /** The torrent's metainfo (bencoded .torrent), kept beside its contents. */
  readMetainfo(infoHash: string): Promise<Uint8Array | undefined>
  writeMetainfo(infoHash: string, metainfo: Uint8Array): Promise<void>
  /** An empty file for playing the content without keeping it; its bytes are the caller's reservation. */
  openSlots(key: FileKey): Promise<SlotFile>
  isPinned(key: FileKey): boolean
  /** False while held. */
  remove(key: FileKey): Promise<boolean>
  /** All contents, partials too, least recently used first; live objects. */
  records(): Iterable<StoredFile>
  close(): Promise<void>
}
