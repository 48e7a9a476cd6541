import { type FileHandle, open } from 'node:fs/promises'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { type PieceLayout, pieceCount } from '../../../common/bittorrent/piece-layout.ts'
import { ownFile } from '../../../common/own-file.ts'
import type { ReaderPlace, SerializedSlots, SlotChangesMessage } from '../../protocol/messages.ts'
import type { EngineFile } from './engine-file.ts'
import { writeAll } from './piece-files.ts'

/**
 * A file that is played through fixed slots, one piece each (docs/decisions/0007). Only pieces that
 * have a slot are fetched; none is announced or uploaded. Slots may change from the first moment,
 * also before open() has ended.
 */
export class SlotStore implements EngineFile {
  readonly id: number
  readonly layout: PieceLayout
  readonly fill = 'window'
  readonly have: Bitfield
  readonly announced = false
  readers: readonly ReaderPlace[] = []
  readonly #path: string
  readonly #slotOf = new Map<number, number>()
  /** Pieces whose bytes are in their slot. */
  readonly #written = new Set<number>()
  /** The last write into each slot: the next one waits for it. */
  readonly #lastWrites = new Map<number, Promise<void>>()
  #handle: FileHandle | undefined
  #generation: number

  constructor(id: number, slots: SerializedSlots) {
    this.id = id
    this.layout = slots.layout
    this.have = new Bitfield(pieceCount(slots.layout))
    this.#path = slots.path
    this.#generation = slots.generation
    for (const [piece, slot, isWritten] of slots.assigned) {
      this.#slotOf.set(piece, slot)
      if (isWritten) this.#written.add(piece)
    }
  }

  get generation(): number {
    return this.#generation
  }

  /** Opens its file. @throws node's file errors */
  async open(): Promise<this> {
    this.#handle = await open(this.#path, ownFile.update)
    return this
  }

  /** Frees slots, then assigns them: a slot is never written to before the main process gave it. */
  change(changes: Pick<SlotChangesMessage, 'generation' | 'unassign' | 'assign'>): void {
    this.#generation = changes.generation
    for (const piece of changes.unassign) {
      this.#slotOf.delete(piece)
      this.#written.delete(piece)
    }
    for (const [piece, slot] of changes.assign) this.#slotOf.set(piece, slot)
  }

  lacks(piece: number): boolean {
    return this.#slotOf.has(piece) && !this.#written.has(piece)
  }

  has(piece: number): boolean {
    return this.#written.has(piece)
  }

  /** A slot has its room before it is assigned. */
  hasRoomFor(): boolean {
    return true
  }

  async untilRoomFor(): Promise<void> {}

  giveRoom(): void {}

  async write(piece: number, bytes: Uint8Array): Promise<void> {
    const slot = this.#slotOf.get(piece)
    if (slot === undefined) return
    const writing = this.#writeSlot(piece, slot, bytes, this.#lastWrites.get(slot))
    const settled = writing.catch(() => {})
    this.#lastWrites.set(slot, settled)
    await writing.finally(() => {
      if (this.#lastWrites.get(slot) === settled) this.#lastWrites.delete(slot)
    })
  }

  read(_piece: number, _offset: number, _length: number): Promise<Buffer> {
    return Promise.reject(new Error('slots are not given to others'))
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }

  async #writeSlot(
    piece: number,
    slot: number,
    bytes: Uint8Array,
    lastWrite: Promise<void> | undefined,
  ): Promise<void> {
    await lastWrite
    // While it waited the piece may have lost its slot to another piece.
    if (this.#slotOf.get(piece) !== slot) return
    if (!this.#handle) throw new Error('the slots are not open')
    await writeAll(this.#handle, bytes, slot * this.layout.pieceLength)
    if (this.#slotOf.get(piece) === slot) this.#written.add(piece)
  }
}
