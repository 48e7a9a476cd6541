import { pieceAt } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { SlotFile } from '../../torrent/protocol/torrent-engine.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { SlotRoom } from './slot-room.ts'

/** What a reader has ahead of it, when there is room for so much: about 3 s of a 20 Mbit/s film. */
const WINDOW_BYTES = 8 << 20

/**
 * Reads a content that is played through slots: every reader takes a window of its own,
 * a smaller one when room is short, none = 507 before the first byte.
 */
export function createSlotSource(file: SlotFile, room: SlotRoom): ByteSource {
  const { layout } = file

  /** Window sizes to try, in pieces. */
  function windows(range: ByteRange): number[] {
    const pieces = pieceAt(layout, range.end) - pieceAt(layout, range.start) + 1
    const best = Math.min(pieces, Math.max(2, Math.ceil(WINDOW_BYTES / layout.pieceLength)))
    const sizes: number[] = []
    for (let size = best; size >= 1; size = Math.floor(size / 2)) sizes.push(size)
    return sizes
  }

  async function takeWindow(range: ByteRange): Promise<number> {
    for (const size of windows(range)) {
      try {
        await room.take(size)
        file.grow(room.capacity)
        return size
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'DOES_NOT_FIT') throw error
      }
    }
    throw new Fault('DOES_NOT_FIT')
  }

  return {
    read(range) {
      let opening: Promise<ByteReader> | undefined
      let reader: ByteReader | undefined
      let closed = false
      // Who leaves while the room is being made does not wait for it.
      const left = Promise.withResolvers<never>()
      left.promise.catch(() => {})
      async function open(): Promise<ByteReader> {
        const window = await takeWindow(range)
        const inner = file.reader(range, window)
        reader = {
          read: (into) => inner.read(into),
          close() {
            inner.close()
            room.giveBack(window)
          },
        }
        if (closed) reader.close()
        return reader
      }
      return {
        async read(into) {
          opening ??= open()
          const opened = reader ?? (await Promise.race([opening, left.promise]))
          return opened.read(into)
        },
        close() {
          if (closed) return
          closed = true
          left.reject(new Fault('INTERNAL', { message: 'The reader was closed.' }))
          reader?.close()
        },
      }
    },
  }
}
