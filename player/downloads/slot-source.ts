import { pieceAt } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { SlotFile, WindowReader } from '../../torrent/protocol/torrent-engine.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Growth, SlotRoom } from './slot-room.ts'

type RoomForWindows = Pick<SlotRoom, 'capacity' | 'take' | 'giveBack'>

/** What a reader has ahead of it when there is room for so much: about 3 s of a 20 Mbit/s film. */
const WINDOW_BYTES = 8 << 20
/** With one piece alone a reader would wait for each. */
const LEAST_COMFORT = 2

/** A reader that has its window, in pieces. */
interface Holder {
  readonly reader: WindowReader
  window: number
}

/**
 * Reads a file that is played through slots. Every reader takes a window of slots of its own; a
 * smaller one when room is short, and then also half of another reader's. When not even one slot can be
 * had, its first read throws DOES_NOT_FIT.
 */
export class SlotSource implements ByteSource {
  readonly #file: SlotFile
  readonly #room: RoomForWindows
  readonly #moreRoom: () => Promise<boolean>
  readonly #holders = new Set<Holder>()
  readonly #firstPiece = Promise.withResolvers<void>()

  /** @param moreRoom has another download give room; false when there is none that could */
  constructor(file: SlotFile, room: RoomForWindows, moreRoom: () => Promise<boolean>) {
    this.#file = file
    this.#room = room
    this.#moreRoom = moreRoom
  }

  /** What comes through slots does not stay. */
  has(): boolean {
    return false
  }

  read(range: ByteRange): ByteReader {
    return new SlotReader(() => this.#open(range))
  }

  async #open(range: ByteRange): Promise<ByteReader> {
    const best = this.#best(range)
    const window = await this.#takeWindow(best)
    const holder: Holder = { reader: this.#file.reader(range, window), window }
    this.#holders.add(holder)
    let hadPiece = this.#file.times.piece !== undefined
    return {
      read: async (into) => {
        const got = await holder.reader.read(into)
        // Others' films go for it only now that a piece has come.
        if (!hadPiece && holder.window < best) void this.#widen(holder, best)
        hadPiece = true
        this.#firstPiece.resolve()
        return got
      },
      close: () => {
        holder.reader.close()
        this.#holders.delete(holder)
        this.#room.giveBack(holder.window)
      },
    }
  }

  /** In pieces, as large as can be had. */
  async #takeWindow(best: number): Promise<number> {
    for (let pieces = best; pieces >= LEAST_COMFORT; pieces = Math.floor(pieces / 2)) {
      if (await this.#take(pieces, 'share')) return pieces
    }
    if (best >= LEAST_COMFORT && (await this.#take(LEAST_COMFORT, 'spare'))) return LEAST_COMFORT
    for (;;) {
      if (this.#halveWidest() && (await this.#take(1, 'spare'))) return 1
      if (await this.#take(1, 'must')) return 1
      if (await this.#moreRoom()) continue
      if (this.#holders.size === 0 || this.#file.times.piece !== undefined) {
        throw new Fault('DOES_NOT_FIT')
      }
      // Others' films go when a piece has come, which those who read already wait for.
      await Promise.race([this.#firstPiece.promise, this.#file.ended])
    }
  }

  async #take(pieces: number, growth: Growth): Promise<boolean> {
    try {
      await this.#room.take(pieces, growth)
      this.#file.grow(this.#room.capacity)
      return true
    } catch (error) {
      if (error instanceof Fault && error.code === 'DOES_NOT_FIT') return false
      throw error
    }
  }

  /** The reader with the most gives half of it to the next one. */
  #halveWidest(): boolean {
    const [widest] = [...this.#holders].sort((a, b) => b.window - a.window)
    if (!widest || widest.window < 2) return false
    const left = Math.ceil(widest.window / 2)
    const given = widest.window - left
    widest.window = left
    widest.reader.resize(left)
    this.#room.giveBack(given)
    return true
  }

  async #widen(holder: Holder, best: number): Promise<void> {
    const more = best - holder.window
    if (!(await this.#take(more, 'share').catch(() => false))) return
    if (!this.#holders.has(holder)) return this.#room.giveBack(more)
    holder.window += more
    holder.reader.resize(holder.window)
  }

  /** In pieces. */
  #best({ start, end }: ByteRange): number {
    const { layout } = this.#file
    const pieces = pieceAt(layout, end) - pieceAt(layout, start) + 1
    return Math.min(pieces, Math.max(2, Math.ceil(WINDOW_BYTES / layout.pieceLength)))
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
