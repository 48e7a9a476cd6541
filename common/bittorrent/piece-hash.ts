import { createHash } from 'node:crypto'
import { HASH_BYTES, LEAF_BYTES, MerkleHash, powerOfTwo } from './merkle.ts'
import type { MetainfoFile } from './metainfo-files.ts'
import type { PieceLayout } from './piece-layout.ts'

const SHA1_BYTES = 20

/** How a torrent is cut into pieces, and what each of them must hash to. */
export interface TorrentPieces {
  /** 2 for a torrent that has v2 hashes only (BEP 52): its files begin pieces of their own. */
  readonly version: 1 | 2
  readonly pieceLength: number
  /** Where the last file ends. */
  readonly length: number
  readonly files: readonly MetainfoFile[]
  /** SHA-1 of each piece, 20 bytes; in v2 the root of each piece's tree, 32 bytes. */
  readonly pieces: Uint8Array
}

const hashBytes = ({ version }: TorrentPieces): number => (version === 2 ? HASH_BYTES : SHA1_BYTES)

export const countOfPieces = (torrent: TorrentPieces): number =>
  torrent.pieces.length / hashBytes(torrent)

/** Bytes of a piece. */
export const sizeOfPiece = (torrent: TorrentPieces, piece: number): number => {
  const start = piece * torrent.pieceLength
  const end = torrent.version === 2 ? endOfFileAt(torrent.files, start) : torrent.length
  return Math.min(torrent.pieceLength, end - start)
}

/** Where one of its files lies. In v2 nothing of other files is in its pieces. */
export const layoutOf = (
  { version, pieceLength, length }: TorrentPieces,
  { offset, size }: MetainfoFile,
): PieceLayout => ({
  pieceLength,
  torrentLength: version === 2 ? offset + size : length,
  offset,
  size,
})

/** Where the file ends that has this byte. They lie one after the other. */
function endOfFileAt(files: readonly MetainfoFile[], at: number): number {
  let [low, high] = [0, files.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    const { offset = 0, size = 0 } = files[middle] ?? {}
    if (offset + size > at) high = middle
    else low = middle + 1
  }
  const { offset = 0, size = 0 } = files[low] ?? {}
  return offset + size
}

/** Takes the bytes of one piece, and answers its hash. */
export interface PieceHash {
  update(bytes: Uint8Array): PieceHash
  digest(): Buffer
}

export function pieceHash(torrent: TorrentPieces, piece: number): PieceHash {
  if (torrent.version === 1) return createHash('sha1')
  const { pieceLength, files } = torrent
  const size = sizeOfPiece(torrent, piece)
  const start = piece * pieceLength
  // A file of one piece has no layer of pieces: its tree is no wider than its bytes.
  const isWhole = endOfFileAt(files, start) - start === size && isFileStart(torrent, piece)
  return new MerkleHash(
    powerOfTwo(isWhole ? Math.ceil(size / LEAF_BYTES) : pieceLength / LEAF_BYTES),
  )
}

const isFileStart = ({ files, pieceLength }: TorrentPieces, piece: number): boolean =>
  piece === 0 ||
  endOfFileAt(files, piece * pieceLength) !== endOfFileAt(files, (piece - 1) * pieceLength)

export const expectedHash = (torrent: TorrentPieces, piece: number): Uint8Array => {
  const bytes = hashBytes(torrent)
  return torrent.pieces.subarray(piece * bytes, (piece + 1) * bytes)
}

/** In this thread: processors have instructions for it, and a worker was not faster. */
export const isPiece = (torrent: TorrentPieces, piece: number, bytes: Uint8Array): boolean =>
  pieceHash(torrent, piece).update(bytes).digest().equals(expectedHash(torrent, piece))
