import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceAt,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { ByteSource } from '../files/watched-reader.ts'

/** The pieces of a download that has ended: readable for as long as its partial is there. */
interface EndedFile {
  readonly have: Bitfield
  reader(range: ByteRange): ByteReader
}

/** @param have pieces, numbered from the file's first one */
export function hasRange(layout: PieceLayout, have: Bitfield, range: ByteRange): boolean {
  const first = firstPiece(layout)
  for (let at = pieceAt(layout, range.start); at <= pieceAt(layout, range.end); at++) {
    if (!have.has(at - first)) return false
  }
  return true
}

/**
 * A file of which some pieces are on disk and no more will come: these are read there, the others
 * through slots (docs/decisions/0022).
 */
export class MixedSource implements ByteSource {
  readonly #layout: PieceLayout
  readonly #slots: Promise<ByteSource>
  readonly #readers = new Set<MixedReader>()
  #kept: EndedFile | undefined

  /** @param slots may come later: what is on disk is read meanwhile */
  constructor(kept: EndedFile, layout: PieceLayout, slots: Promise<ByteSource>) {
    this.#kept = kept
    this.#layout = layout
    this.#slots = slots
  }

  /** On disk: what comes through slots does not stay. */
  has(range: ByteRange): boolean {
    return this.#kept !== undefined && hasRange(this.#layout, this.#kept.have, range)
  }

  read(range: ByteRange): ByteReader {
    const reader = new MixedReader(
      range,
      (at) => this.#open(at, range.end),
      () => this.#readers.delete(reader),
    )
    this.#readers.add(reader)
    return reader
  }

  /** From now on everything comes through slots; resolves when nobody reads the pieces on disk. */
  async endKept(): Promise<void> {
    this.#kept = undefined
    await Promise.all([...this.#readers].map((reader) => reader.leavePart('disk')))
  }

  /** The pieces from that byte on that lie in the same place. */
  #open(at: number, end: number): Part | Promise<Part> {
    const first = firstPiece(this.#layout)
    const have = (piece: number): boolean => this.#kept?.have.has(piece - first) === true
    const from = pieceAt(this.#layout, at)
    const last = pieceAt(this.#layout, end)
    const isKept = have(from)
    let to = from
    while (to < last && have(to + 1) === isKept) to++
    const { at: start, inside } = pieceInFile(this.#layout, to)
    const range = { start: at, end: Math.min(end, start + inside - 1) }
    if (isKept && this.#kept) return { from: 'disk', reader: this.#kept.reader(range) }
    return this.#slots.then((slots) => ({ from: 'slots', reader: slots.read(range) }))
  }
}

interface Part {
  readonly from: 'disk' | 'slots'
  readonly reader: ByteReader
}

class MixedReader implements ByteReader {
  readonly #end: number
  readonly #open: (at: number) => Part | Promise<Part>
  readonly #gone: () => void
  readonly #left = Promise.withResolvers<never>()
  #at: number
  #part: Part | undefined
  #running: Promise<unknown> | undefined
  #closed = false

  constructor(range: ByteRange, open: (at: number) => Part | Promise<Part>, gone: () => void) {
    this.#at = range.start
    this.#end = range.end
    this.#open = open
    this.#gone = gone
    this.#left.promise.catch(() => {})
  }

  async read(into: Buffer): Promise<number> {
    while (this.#at <= this.#end) {
      const part = await Promise.race([this.#current(), this.#left.promise])
      const reading = part.reader.read(into)
      this.#running = reading.catch(() => {})
      const got = await reading
      this.#at += got
      if (got > 0) return got
      await this.leavePart(part.from)
    }
    return 0
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#left.reject(new Fault('INTERNAL', { message: 'The reader was closed.' }))
    this.#part?.reader.close()
    this.#gone()
  }

  /** Its next read opens another part. Resolves when no read of this one runs. */
  async leavePart(from: Part['from']): Promise<void> {
    if (this.#part?.from !== from) return
    const { reader } = this.#part
    this.#part = undefined
    if (from === 'disk') await this.#running
    reader.close()
  }

  async #current(): Promise<Part> {
    if (this.#part) return this.#part
    const opened = this.#open(this.#at)
    // At once where it can be: endKept() must meet everybody who reads from disk.
    this.#part = opened instanceof Promise ? await opened : opened
    if (this.#closed) this.#part.reader.close()
    return this.#part
  }
}
