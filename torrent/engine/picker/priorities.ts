import {
  firstPiece,
  type PieceLayout,
  pieceAt,
  pieceCount,
} from '../../../common/bittorrent/piece-layout.ts'
import type { ReaderPlace } from '../../protocol/messages.ts'

/** A file of the torrent, as far as the order of its pieces depends on it. */
export interface PrioritizedFile {
  readonly layout: PieceLayout
  /** Whether a piece (numbered in the torrent) is of this file, may be fetched, and is missing. */
  lacks(piece: number): boolean
  readonly readers: readonly ReaderPlace[]
  readonly fill: 'whole' | 'window'
}

export interface Priorities {
  /** Missing pieces, numbered in the torrent, most wanted first. */
  readonly order: readonly number[]
  /** How many of the first ones a reader will reach within seconds. */
  readonly urgent: number
  /** Missing pieces that a reader has started at or jumped to: a viewer waits for them now. */
  readonly timeCritical: readonly number[]
  /**
   * Missing pieces that are wanted too but are not in `order`: for peers that have none of that.
   * A super-seeder (BEP 16) gives one piece at a time, and not one of our choice.
   */
  beyond(): Iterable<number>
  /** Whether a piece that is not in `order` is one of those. */
  fills(piece: number): boolean
}

/** A reader gets there within seconds at any usual bit rate: slow peers are not asked for it. */
const URGENT_BYTES = 4 << 20
/** This far ahead of the readers is fetched before the tail of the file. */
const WINDOW_BYTES = 16 << 20
/** Players soon look for an index (MP4 moov, MKV cues) in the last bytes of a file. */
const TAIL_BYTES = 64 << 10
const MAX_TIME_CRITICAL = 8

/**
 * The order in which pieces are wanted: time-critical pieces, the windows ahead of all readers by
 * distance, the tail, then (fill `whole`) the rest from the readers on, while no urgent piece is
 * missing. Nothing while nobody reads.
 * @param limit most pieces to name, which bounds the memory of the pieces in progress
 */
export function prioritize(files: readonly PrioritizedFile[], limit: number): Priorities {
  const order: number[] = []
  const seen = new Set<number>()
  const take = (c: PrioritizedFile, piece: number): void => {
    if (order.length >= limit || seen.has(piece)) return
    if (!c.lacks(piece)) return
    seen.add(piece)
    order.push(piece)
  }
  const watched = files.filter((c) => c.readers.length > 0)
  const timeCritical = timeCriticalPieces(watched)
  // They come first: other readers still have something to play, these have nothing.
  for (const { piece, file } of timeCritical) take(file, piece)
  const isFull = (): boolean => order.length >= limit
  takeWindows(watched, 0, URGENT_BYTES, { take, isFull })
  const urgent = order.length
  takeWindows(watched, URGENT_BYTES, WINDOW_BYTES, { take, isFull })
  for (const c of watched) {
    const last = pieceAt(c.layout, c.layout.size - 1)
    for (let p = pieceAt(c.layout, Math.max(0, c.layout.size - TAIL_BYTES)); p <= last; p++)
      take(c, p)
  }
  // On a line that peers share, what is filled now is taken from what a reader waits for.
  const spare = urgent === 0
  for (const c of watched) if (spare && c.fill === 'whole') takeRest(c, limit, order, take)
  const filled = watched.filter(({ fill }) => fill === 'whole')
  return {
    ...{ order, urgent, timeCritical: timeCritical.map(({ piece }) => piece) },
    beyond: () => missing(filled, seen),
    fills: (piece) => !seen.has(piece) && filled.some((file) => file.lacks(piece)),
  }
}

/** A reader that plays on has the piece before its own; one that has jumped has not. */
function timeCriticalPieces(
  files: readonly PrioritizedFile[],
): { piece: number; file: PrioritizedFile }[] {
  const timeCritical = new Map<number, PrioritizedFile>()
  for (const file of files) {
    const { layout, readers } = file
    for (const { at } of readers) {
      const piece = pieceAt(layout, at)
      const jumped = piece === firstPiece(layout) || file.lacks(piece - 1)
      if (timeCritical.size < MAX_TIME_CRITICAL && jumped && file.lacks(piece)) {
        timeCritical.set(piece, file)
      }
    }
  }
  return [...timeCritical].map(([piece, file]) => ({ piece, file }))
}

/** Pieces between two distances ahead of each reader, nearest first across all readers. */
function takeWindows(
  files: readonly PrioritizedFile[],
  from: number,
  to: number,
  { take, isFull }: { take: (c: PrioritizedFile, piece: number) => void; isFull: () => boolean },
): void {
  const spans = files.flatMap((c) =>
    c.readers.map((r) => {
      const start = Math.min(r.at + from, r.end)
      const end = Math.min(r.at + to - 1, r.end)
      const past = from > 0 && r.at + from > r.end
      return { c, next: pieceAt(c.layout, start), last: past ? -1 : pieceAt(c.layout, end) }
    }),
  )
  // Windows of short pieces have thousands of them.
  for (let left = true; left && !isFull(); ) {
    left = false
    for (const span of spans) {
      if (span.next > span.last) continue
      take(span.c, span.next++)
      left = true
    }
  }
}

/** Missing pieces of these files, but for some. */
function* missing(
  files: readonly PrioritizedFile[],
  except: ReadonlySet<number>,
): Iterable<number> {
  for (const file of files) {
    const first = firstPiece(file.layout)
    const end = first + pieceCount(file.layout)
    for (let piece = first; piece < end; piece++) {
      if (file.lacks(piece) && !except.has(piece)) yield piece
    }
  }
}

function takeRest(
  c: PrioritizedFile,
  limit: number,
  order: readonly number[],
  take: (c: PrioritizedFile, piece: number) => void,
): void {
  const first = firstPiece(c.layout)
  const n = pieceCount(c.layout)
  const from = Math.min(...c.readers.map((r) => pieceAt(c.layout, r.at))) - first
  for (let i = 0; i < n && order.length < limit; i++) take(c, first + ((from + i) % n))
}
