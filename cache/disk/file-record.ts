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
import type { StoredFile } from './file-store.ts'

const MAX_NAME = 1000

export const sameLayout = (a: PieceLayout, b: PieceLayout): boolean =>
  a.pieceLength === b.pieceLength &&
  a.torrentLength === b.torrentLength &&
  a.offset === b.offset &&
  a.size === b.size

/**
 * One content of this node, as it is now: what is kept, and who uses it.
 * Only the store changes it; everyone else sees a StoredFile.
 */
export class FileRecord implements StoredFile {
  readonly key: FileKey
  readonly #clock: Clock
  name: string
  layout: PieceLayout
  pieces: Bitfield
  bytes = 0
  complete = false
  storedAt: number
  /** Steady time of the last use: no jump of the wall clock makes a content look old. */
  #usedSteady: number

  /** Readers of the complete file. */
  holds = 0
  /** Its bytes are still open for a next reader: to be closed before they are removed. */
  idle: { readonly timer: NodeJS.Timeout; close(): void } | undefined
  /** A download fills it. */
  open = false
  /** The sidecar says that bytes and pieces agree and are on disk: nobody fills it. */
  settled = false
  /** Modification time of the bytes when they settled, whole milliseconds; later writes are foreign. */
  mtime = 0
  /** Local numbers of pieces that an unclean stop left in doubt. */
  doubtful = new Set<number>()
  removing: Promise<boolean> | undefined
  /** A failed removal took its payload and left the rest: counted, found by nobody, tried again. */
  broken = false

  constructor(key: FileKey, name: string, layout: PieceLayout, clock: Clock) {
    this.key = key
    this.#clock = clock
    this.name = name.slice(0, MAX_NAME)
    this.layout = layout
    this.pieces = new Bitfield(pieceCount(layout))
    this.storedAt = clock.wall()
    this.#usedSteady = clock.steady()
  }

  get findable(): boolean {
    return this.complete && !this.removing && !this.broken
  }

  get held(): boolean {
    return this.holds > 0 || this.open
  }

  /** Wall-clock milliseconds; moves along when the wall clock jumps, as idle time does not. */
  get usedAt(): number {
    return this.#clock.wall() - this.idleMs
  }

  get idleMs(): number {
    return this.#clock.steady() - this.#usedSteady
  }

  touch(idleMs = 0): void {
    this.#usedSteady = this.#clock.steady() - idleMs
  }

  /** Begins anew: nothing of it is on disk (any more). */
  reset(name: string, layout: PieceLayout): void {
    this.name = name.slice(0, MAX_NAME)
    this.layout = layout
    this.pieces = new Bitfield(pieceCount(layout))
    this.bytes = 0
    this.complete = false
    this.settled = false
    this.doubtful.clear()
    this.storedAt = this.#clock.wall()
  }

  /** @param piece numbered in the torrent */
  mark(piece: number): boolean {
    const local = piece - firstPiece(this.layout)
    this.doubtful.delete(local)
    if (!this.pieces.set(local)) return false
    this.bytes += pieceSize(this.layout, piece)
    return true
  }

  /** @param piece numbered in the torrent */
  unmark(piece: number): boolean {
    const local = piece - firstPiece(this.layout)
    this.doubtful.delete(local)
    if (!this.pieces.clear(local)) return false
    this.bytes -= pieceSize(this.layout, piece)
    this.complete = false
    this.settled = false
    return true
  }

  doubtAll(): void {
    for (let i = 0; i < this.pieces.length; i++) if (this.pieces.has(i)) this.doubtful.add(i)
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
