import { fileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'

/** What the killed process does, and what is expected on disk afterwards. */
const layoutOf = (size: number, offset: number, torrentLength: number): PieceLayout => ({
  pieceLength: 16_384,
  torrentLength,
  offset,
  size,
})

/** In the middle of its torrent, so that both ends have an edge. */
const inner = layoutOf(100_000, 10_000, 150_000)
const whole = layoutOf(90_000, 0, 90_000)

const contentOf = (n: number, layout: PieceLayout) => ({
  key: fileKey(String(n).repeat(40), 0),
  infoHash: String(n).repeat(40),
  layout,
})

export const first = contentOf(1, inner)
export const second = contentOf(2, whole)
export const partial = contentOf(3, inner)
export const fourth = contentOf(4, whole)
export const testFiles = [first, second, partial, fourth] as const

/** Pieces of the partial file that are downloaded before it is closed, and after it was opened again. */
export const early = [0, 1, 2] as const
export const late = [3, 6] as const

export const VALUE = { name: 'book:tt1', value: { numbers: [1, 2, 3] } } as const
