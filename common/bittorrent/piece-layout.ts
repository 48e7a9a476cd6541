/**
 * Where a file lies in the pieces of its torrent. Pieces divide the files laid end to end (BEP 3),
 * so a piece can hold bytes of several files. Lengths and offsets are in bytes.
 */
export interface PieceLayout {
  readonly pieceLength: number
  /** Length of all files together. */
  readonly torrentLength: number
  /** The file's first byte in the torrent. */
  readonly offset: number
  readonly size: number
}

export const firstPiece = (l: PieceLayout): number => Math.floor(l.offset / l.pieceLength)
export const pieceCount = (l: PieceLayout): number =>
  l.size === 0 ? 0 : Math.floor((l.offset + l.size - 1) / l.pieceLength) - firstPiece(l) + 1

/** Length of a piece of the torrent; the last one may be shorter. */
export const pieceSize = (l: PieceLayout, piece: number): number =>
  Math.min(l.pieceLength, l.torrentLength - piece * l.pieceLength)

export interface PieceInFile {
  /** Bytes of the piece before the file's first byte; 0 but for the first piece. */
  readonly before: number
  /** Bytes of the piece inside the file. */
  readonly inside: number
  /** Where these begin in the file. */
  readonly at: number
  /** Bytes of the piece after the file's last byte; 0 but for the last piece. */
  readonly after: number
}

/** How a piece (numbered in the torrent) overlaps the file. */
export function pieceInFile(l: PieceLayout, piece: number): PieceInFile {
  const start = piece * l.pieceLength
  const end = start + pieceSize(l, piece)
  const before = Math.max(0, l.offset - start)
  const after = Math.max(0, end - (l.offset + l.size))
  return { before, after, inside: end - start - before - after, at: Math.max(0, start - l.offset) }
}

/** Bytes of the file's pieces, whole: what it takes on disk, parts of its neighbours included. */
export function footprint(l: PieceLayout): number {
  const n = pieceCount(l)
  if (n === 0) return 0
  const first = firstPiece(l)
  const end = Math.min(l.torrentLength, (first + n) * l.pieceLength)
  return end - first * l.pieceLength
}

/** The piece (numbered in the torrent) that holds byte `at` of the file. */
export const pieceAt = (l: PieceLayout, at: number): number =>
  Math.floor((l.offset + at) / l.pieceLength)
