import { pieceAt } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { SlotFile } from '../../torrent/protocol/torrent-engine.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { SlotRoom } from './slot-room.ts'

type RoomForWindows = Pick<SlotRoom, 'capacity' | 'take' | 'giveBack'>

/** What a reader has ahead of it when there is room for so much: about 3 s of a 20 Mbit/s film. */
const WINDOW_BYTES = 8 << 20

/**
 * Reads a file that is played through slots. Every reader takes a window of slots of its own; a
 * smaller one when room is short. When not even one slot is free, its first read throws DOES_NOT_FIT.
 */
export class SlotSource implements ByteSource {
  readonly #file: SlotFile
  readonly #room: RoomForWindows

  constructor(file: SlotFile, room: RoomForWindows) {
    this.#file = file
    this.#room = room
  }

  read(range: ByteRange): ByteReader {
    return new SlotReader(() => this.#open(range))
  }

  async #open(range: ByteRange): Promise<ByteReader> {
    const window = await this.#takeWindow(range)
    const reader = this.#file.reader(range, window)
    return {
      read: (into) => reader.read(into),
      close: () => {
        reader.close()
        this.#room.giveBack(window)
      },
    }
  }

  /** The largest window there is room for, in pieces. */
  async #takeWindow(range: ByteRange): Promise<number> {
    for (const pieces of this.#windowSizes(range)) {
      try {
        await this.#room.take(pieces)
        this.#file.grow(this.#room.capacity)
        return pieces
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'DOES_NOT_FIT') throw error
      }
    }
    throw new Fault('DOES_NOT_FIT')
  }

  /** In pieces, the best first. */
  #windowSizes({ start, end }: ByteRange): number[] {
    const { layout } = this.#file
    const pieces = pieceAt(layout, end) - pieceAt(layout, start) + 1
    const best = Math.min(pieces, Math.max(2, Math.ceil(WINDOW_BYTES / layout.pieceLength)))
    const sizes: number[] = []
    for (let size = best; size >= 1; size = Math.floor(size / 2)) sizes.push(size)
    return sizes
  }
}

/** Opens its window at the first read; a viewer who leaves meanwhile does not wait for the room. */
class SlotReader implements ByteReader {
  readonly #open: () => Promise<ByteReader>
  readonly #left = Promise.withResolvers<never>()
  #opening: Promise<ByteReader> | undefined
  #reader: ByteReader | undefined
  #closed = false

  constructor(open: () => Promise<ByteReader>) {
    this.#open = open
    this.#left.promise.catch(() => {})
  }

  async read(into: Buffer): Promise<number> {
    this.#opening ??= this.#opened()
    const reader = this.#reader ?? (await Promise.race([this.#opening, this.#left.promise]))
    return reader.read(into)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#left.reject(new Fault('INTERNAL', { message: 'The reader was closed.' }))
    this.#reader?.close()
  }

  async #opened(): Promise<ByteReader> {
    const reader = await this.#open()
    this.#reader = reader
    if (this.#closed) reader.close()
    return reader
  }
}
