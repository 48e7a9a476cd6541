import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceAt,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { asFault, Fault } from '../../common/errors.ts'
import { readAt } from '../../common/read-at.ts'

/** A file that is being downloaded, as its readers share it. */
export interface DownloadingFile {
  readonly layout: PieceLayout
  readonly have: Bitfield
  /** The file's descriptor, opened when it is first needed. */
  descriptor(): Promise<number>
  /** Resolves when this piece has come, or the download has ended. */
  changed(piece: number): Promise<void>
  /** Why no more pieces will come. */
  readonly failure: Fault | undefined
}

/** What a reader tells its file. */
export interface ReaderEvents {
  /** It has gone on to another piece. */
  moved(): void
  /** Called once. */
  closed(reader: VerifiedReader): void
}

/** Reads verified bytes in order, and waits for those that are still missing. */
export class VerifiedReader implements ByteReader {
  readonly end: number
  readonly #file: DownloadingFile
  readonly #events: ReaderEvents
  readonly #first: number
  #at: number
  #open = true
  /** Ends the wait of a read that runs. */
  #wake: (() => void) | undefined

  constructor(range: ByteRange, file: DownloadingFile, events: ReaderEvents) {
    this.#at = range.start
    this.end = range.end
    this.#file = file
    this.#events = events
    this.#first = firstPiece(file.layout)
  }

  /** The next byte it wants. */
  get at(): number {
    return this.#at
  }

  async read(into: Buffer): Promise<number> {
    for (;;) {
      if (!this.#open) throw new Fault('INTERNAL', { message: 'The reader was closed.' })
      if (this.#at > this.end) return 0
      const bytes = this.#available(into.length)
      if (bytes > 0) return await this.#take(into, bytes)
      if (this.#file.failure) throw this.#file.failure
      await this.#untilChanged()
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#wake?.()
    this.#events.closed(this)
  }

  async #untilChanged(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    await Promise.race([this.#file.changed(pieceAt(this.#file.layout, this.#at)), closed])
  }

  /** How many bytes from here on are verified, up to `most`. */
  #available(most: number): number {
    const { layout, have } = this.#file
    let piece = pieceAt(layout, this.#at)
    if (!have.has(piece - this.#first)) return 0
    const limit = Math.min(this.end + 1, this.#at + most)
    let upTo = this.#at
    while (upTo < limit && have.has(piece - this.#first)) {
      const { at: start, inside } = pieceInFile(layout, piece++)
      upTo = start + inside
    }
    return Math.min(upTo, limit) - this.#at
  }

  async #take(into: Buffer, bytes: number): Promise<number> {
    const got = await this.#file
      .descriptor()
      .then((fd) => readAt(fd, into, bytes, this.#at))
      .catch((err: unknown) => Promise.reject(asFault(err)))
    if (got === 0) throw new Fault('INTERNAL', { message: 'A verified piece is not on disk.' })
    const { layout } = this.#file
    const before = pieceAt(layout, this.#at)
    this.#at += got
    if (this.#at <= this.end && pieceAt(layout, this.#at) !== before) this.#events.moved()
    return got
  }
}
