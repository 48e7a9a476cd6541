import { join } from 'node:path'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'

/** Where the parts of one file of a torrent lie; all paths start with CACHE_DIR. */
export interface FilePaths {
  /** `<infoHash>`: shared by all files of the torrent. */
  readonly folder: string
  /** `<infoHash>/<fileIdx>`: the bytes of the file itself. */
  readonly payload: string
  /** `<infoHash>/<fileIdx>.json`: what is known of these bytes. */
  readonly sidecar: string
  /** `<infoHash>/edges`: bytes of boundary pieces that belong to the neighbour files. */
  readonly edges: string
  /** `<infoHash>/metainfo.torrent`. */
  readonly metainfo: string
  readonly fileIdx: number
}

export const infoHashOf = (key: FileKey): string => parseFileKey(key)?.infoHash ?? ''

export const METAINFO = 'metainfo.torrent'
export const EDGES = 'edges'

/** @throws Error when the key does not have the form of a file key */
export function filePaths(dir: string, key: FileKey): FilePaths {
  const parts = parseFileKey(key)
  if (!parts) throw new Error(`not a file key: ${JSON.stringify(key)}`)
  const folder = join(dir, parts.infoHash)
  return {
    folder,
    payload: join(folder, String(parts.fileIdx)),
    sidecar: join(folder, `${parts.fileIdx}.json`),
    edges: join(folder, EDGES),
    metainfo: join(folder, METAINFO),
    fileIdx: parts.fileIdx,
  }
}

/**
 * The first and last piece of the file, where they also hold bytes of a neighbour file (BEP 3: pieces
 * run across file borders). These outer bytes are kept in `edges`, because without them the piece
 * could not be hashed. Piece numbers are those of the torrent.
 */
export function boundaryPieces(layout: PieceLayout): number[] {
  const count = pieceCount(layout)
  if (count === 0) return []
  const first = firstPiece(layout)
  const ends = new Set([first, first + count - 1])
  return [...ends].filter((piece) => {
    const { before, after } = pieceInFile(layout, piece)
    return before + after > 0
  })
}

export const edgePath = (paths: FilePaths, piece: number): string =>
  join(paths.edges, `${paths.fileIdx}-${piece}`)
