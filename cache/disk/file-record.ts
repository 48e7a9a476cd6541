import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceSize,
} from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import type { CacheEntry } from '../index/cache-index.ts'
import type { FileOnDisk } from './file-store.ts'

/** Characters. A name comes from a torrent, and may be of any length there. */
const MAX_NAME = 1000

export const sameLayout = (a: PieceLayout, b: PieceLayout): boolean =>
  a.pieceLength === b.pieceLength &&
  a.torrentLength === b.torrentLength &&
  a.offset === b.offset &&
  a.size === b.size

/**
 * One file of this node in its present state: which pieces are on disk, and who uses it. Only the file
 * store changes a record; everyone else sees it as a FileOnDisk.
 */
export class FileRecord implements FileOnDisk {
  readonly key: FileKey
  readonly #clock: Clock
  name: string
  layout: PieceLayout
  pieces: Bitfield
  bytes = 0
  complete = false
  storedAt: number
  keep = false
  /** Steady clock, milliseconds: a wall clock that jumps must not make a file look old. */
  #usedSteady: number

  /** Number of readers of the complete file. */
  pins = 0
  /** When one of them last read. Steady clock, milliseconds. */
  #readSteady = Number.NEGATIVE_INFINITY
  /** The descriptor kept open for the next reader. It is closed before the file is removed. */
  openDescriptor: { readonly timer: NodeJS.Timeout; close(): void } | undefined
  /** A download is writing to it. */
  filling = false
  /** Of the lease that it is fetched under, while a download writes. */
  fence: number | undefined
  /** The sidecar on disk says that the bytes are flushed and agree with the pieces; nobody writes. */
  settled = false
  /** Modification time of the settled bytes, whole milliseconds. A later one: somebody else wrote. */
  mtime = 0
  /** Pieces, numbered from the file's first one, that have to be hashed again after a crash. */
  unverified = new Set<number>()
  removing: Promise<boolean> | undefined
  /** A removal failed after the payload was gone: still counted, not found, tried again later. */
  halfRemoved = false

  constructor(key: FileKey, name: string, layout: PieceLayout, clock: Clock) {
    this.key = key
    this.#clock = clock
    this.name = name.slice(0, MAX_NAME)
    this.layout = layout
    this.pieces = new Bitfield(pieceCount(layout))
    this.storedAt = clock.wall()
    this.#usedSteady = clock.steady()
  }

  /** Whether it can be given to a reader. */
  get findable(): boolean {
    return this.complete && !this.removing && !this.halfRemoved
  }

  /** Somebody reads or fills it, so it must not be removed. */
  get pinned(): boolean {
    return this.pins > 0 || this.filling
  }

  /** Only readers that have taken nothing for that long keep it; their next read may find it gone. */
  hasIdleReaders(idleMs: number): boolean {
    return this.pins > 0 && !this.filling && this.#clock.steady() - this.#readSteady >= idleMs
  }

  reads(): void {
    this.#readSteady = this.#clock.steady()
  }

  /** Wall-clock milliseconds: now less the idle time, so a jump of that clock changes no idle time. */
  get usedAt(): number {
    return this.#clock.wall() - this.idleMs
  }

  get idleMs(): number {
    return this.#clock.steady() - this.#usedSteady
  }

  /** @param idleMs how long ago it was used, milliseconds */
  touch(idleMs = 0): void {
    this.#usedSteady = this.#clock.steady() - idleMs
  }

  /** Starts again with nothing on disk. */
  reset(name: string, layout: PieceLayout): void {
    this.name = name.slice(0, MAX_NAME)
    this.layout = layout
    this.pieces = new Bitfield(pieceCount(layout))
    this.bytes = 0
    this.complete = false
    this.settled = false
    this.unverified.clear()
    this.storedAt = this.#clock.wall()
  }

  /**
   * Counts a verified piece.
   * @param piece numbered in the torrent
   * @returns false when it was counted before
   */
  mark(piece: number): boolean {
    const local = piece - firstPiece(this.layout)
    this.unverified.delete(local)
    if (!this.pieces.set(local)) return false
    this.bytes += pieceSize(this.layout, piece)
    return true
  }

  /**
   * Takes a piece out of the count.
   * @param piece numbered in the torrent
   * @returns false when it was not counted
   */
  unmark(piece: number): boolean {
    const local = piece - firstPiece(this.layout)
    this.unverified.delete(local)
    if (!this.pieces.clear(local)) return false
    this.bytes -= pieceSize(this.layout, piece)
    this.complete = false
    this.settled = false
    return true
  }

  /** Counts a piece that has bytes on disk; whether they are right has to be hashed. */
  markInDoubt(piece: number): void {
    if (this.mark(piece)) this.unverified.add(piece - firstPiece(this.layout))
  }

  /** Every counted piece has to be hashed again. */
  distrustPieces(): void {
    for (let i = 0; i < this.pieces.length; i++) if (this.pieces.has(i)) this.unverified.add(i)
  }

  entry(node: string): CacheEntry {
    return {
      key: this.key,
      node,
      name: this.name,
      size: this.layout.size,
      bytes: this.bytes,
      complete: this.complete,
      storedAt: this.storedAt,
      usedAt: this.usedAt,
    }
  }
}
