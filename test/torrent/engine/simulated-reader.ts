import type { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { type PieceLayout, pieceAt } from '../../../common/bittorrent/piece-layout.ts'

export interface SimulatedReader {
  at: number
  readonly end: number
  /** Bytes a second it plays at most. */
  readonly rate: number
  /** How long it has been waiting for a byte, and the longest time it ever did. */
  waiting: number
  longestWait: number
  /** When it got its first byte. */
  firstByteAt: number | undefined
  readonly done: boolean
  close(): void
}

/** How often a reader takes what is there. */
export const READ_MS = 10

export function createReader(
  at: number,
  end: number,
  rate: number,
  close: () => void,
): SimulatedReader {
  return {
    at,
    end,
    rate: Math.min(rate, Number.MAX_SAFE_INTEGER / 1000),
    waiting: 0,
    longestWait: 0,
    firstByteAt: undefined,
    get done() {
      return this.at > this.end
    },
    close,
  }
}

/** Plays for READ_MS; answers whether it went on to another piece. */
export function step(
  reader: SimulatedReader,
  layout: PieceLayout,
  have: Bitfield,
  now: number,
): boolean {
  const before = reader.at
  let left = Math.ceil((reader.rate * READ_MS) / 1000)
  while (left > 0 && !reader.done) {
    const piece = pieceAt(layout, reader.at)
    if (!have.has(piece)) break
    const upTo = Math.min(reader.end + 1, (piece + 1) * layout.pieceLength, reader.at + left)
    left -= upTo - reader.at
    reader.at = upTo
  }
  reader.waiting = reader.at === before && !reader.done ? reader.waiting + READ_MS : 0
  reader.longestWait = Math.max(reader.longestWait, reader.waiting)
  if (reader.at > before) reader.firstByteAt ??= now
  return pieceAt(layout, before) !== pieceAt(layout, reader.at)
}
