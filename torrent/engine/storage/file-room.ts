import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { firstPiece, type PieceLayout, pieceSize } from '../../../common/bittorrent/piece-layout.ts'

interface Waiting {
  readonly piece: number
  resolve(): void
  reject(why: Error): void
}

/**
 * The bytes that one file may take on disk for now. The main process gives them in steps, as pieces
 * verify (docs/decisions/0022): a piece is written when there is room for it, and waits in memory
 * until then. Pieces are numbered in the torrent.
 */
export class FileRoom {
  readonly #layout: PieceLayout
  readonly #first: number
  readonly #needsRoom: (bytes: number) => void
  /** Pieces whose bytes are on disk, or are being written: they have taken their room. */
  readonly #taken: Bitfield
  #bytes: number
  #takenBytes = 0
  #waiting: Waiting[] = []
  #closed = false

  /**
   * @param onDisk numbered from the file's first piece
   * @param bytes in all, those on disk included
   * @param needsRoom told how many bytes the file would take with the piece that waits
   */
  constructor(
    layout: PieceLayout,
    onDisk: Bitfield,
    bytes: number,
    needsRoom: (bytes: number) => void,
  ) {
    this.#layout = layout
    this.#first = firstPiece(layout)
    this.#bytes = bytes
    this.#needsRoom = needsRoom
    this.#taken = new Bitfield(onDisk.length)
    for (let i = 0; i < onDisk.length; i++) if (onDisk.has(i)) this.take(this.#first + i)
  }

  has(piece: number): boolean {
    return this.#with(piece) <= this.#bytes
  }

  /** To be called before the piece is written. */
  take(piece: number): void {
    this.#takenBytes = this.#with(piece)
    this.#taken.set(piece - this.#first)
  }

  /** Resolves when there is room for the piece. @throws once the room is closed */
  until(piece: number): Promise<void> {
    if (this.has(piece)) return Promise.resolve()
    if (this.#closed) return Promise.reject(new Error('closed'))
    this.#needsRoom(this.#with(piece))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ piece, resolve, reject })
    })
  }

  give(bytes: number): void {
    this.#bytes = Math.max(this.#bytes, bytes)
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) {
      if (this.has(one.piece)) one.resolve()
      else this.#waiting.push(one)
    }
  }

  /** Who waits will not write any more. */
  close(): void {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('closed'))
  }

  /** Bytes on disk with that piece. */
  #with(piece: number): number {
    const isTaken = this.#taken.has(piece - this.#first)
    return this.#takenBytes + (isTaken ? 0 : pieceSize(this.#layout, piece))
  }
}
