import type { FileKey } from '../common/bittorrent/file-key.ts'

/** What nodes ask each other for beside plays, below NODE_URL and signed (docs/decisions/0038). */
export const metainfoPath = (infoHash: string): string => `/node/${infoHash}/metainfo`

/** @param piece numbered in the torrent */
export const piecePath = (key: FileKey, piece: number): string => `/node/${key}/${piece}`
