import { type PieceLayout, pieceAt } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { WindowReader } from '../protocol/torrent-engine.ts'

/** What a reader needs of its file of slots. */
export interface SlotReaderFile {
  readonly layout: PieceLayout
  /** Why nothing can be read any more, not even what is in a slot. */
  readonly closedBy: Fault | undefined
  /** Why no more pieces will come. */
  readonly failure: Fault | undefined
  hasSlot(piece: number): boolean
  /** The slot of a piece whose bytes are there. */
  slotOf(piece: number): number | undefined
  /** Reads the piece at the reader's place, from its slot. */
  readSlot(reader: SlotReader, into: Buffer, slot: number): Promise<number>
  /** Resolves when a piece or a slot may have become available. */
  untilChanged(): Promise<void>
  /** The reader has another place, or may get a slot now. */
  plan(): void
  closed(reader: SlotReader): void
}

/** Reads a range through slots: has a window of pieces, from its place on, with slots of its own. */
export class SlotReader implements WindowReader {
  at: number
  readonly end: number
  readonly #file: SlotReaderFile
  #window: number
  #open = true

  constructor(range: ByteRange, window: number, file: SlotReaderFile) {
    this.at = range.start
    this.end = range.end
    this.#window = window
    this.#file = file
  }

  /** In pieces. */
  get window(): number {
    return this.#window
  }

  resize(window: number): void {
    this.#window = window
    if (this.#open) this.#file.plan()
  }

  get isOpen(): boolean {
    return this.#open
  }

  async read(into: Buffer): Promise<number> {
    for (;;) {
      if (!this.#open) throw new Fault('INTERNAL', { message: 'The reader was closed.' })
      if (this.at > this.end) return 0
      const { closedBy } = this.#file
      if (closedBy) throw closedBy
      const piece = pieceAt(this.#file.layout, this.at)
      const slot = this.#file.slotOf(piece)
      if (slot !== undefined) return await this.#readFrom(slot, piece, into)
      if (this.#file.failure) throw this.#file.failure
      await this.#file.untilChanged()
      // Another reader may have left a slot free meanwhile.
      if (this.#open && !this.#file.closedBy && !this.#file.hasSlot(piece)) this.#file.plan()
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#file.closed(this)
  }

  async #readFrom(slot: number, piece: number, into: Buffer): Promise<number> {
    const got = await this.#file.readSlot(this, into, slot)
    if (got === 0) throw new Fault('INTERNAL', { message: 'A slot is shorter than its piece.' })
    this.at += got
    const hasMoved = this.at <= this.end && pieceAt(this.#file.layout, this.at) !== piece
    if (this.#open && hasMoved) this.#file.plan()
    return got
  }
}
