/**
 * Where a file lies in its torrent's pieces (BEP 3: pieces run over the files laid end to end).
 * All offsets in bytes; `local` piece numbers count from the file's first piece.
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

/** Length of a whole piece of the torrent (the last one is shorter). */
export const pieceSize = (l: PieceLayout, piece: number): number =>
  Math.min(l.pieceLength, l.torrentLength - piece * l.pieceLength)

export interface PieceInFile {
  /** Bytes of the piece before the file's first byte (only the first piece has any). */
  readonly before: number
  /** Bytes of the piece inside the file, and where they begin in the file. */
  readonly inside: number
  readonly at: number
  /** Bytes of the piece after the file's last byte (only the last piece has any). */
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

/** Bytes the whole content takes on disk, boundary pieces whole. */
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
