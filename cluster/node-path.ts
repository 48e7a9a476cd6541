import type { FileKey } from '../common/bittorrent/file-key.ts'
import { playPath, type Title } from '../common/title.ts'

/** What nodes ask each other for beside plays, below NODE_URL and signed (docs/decisions/0038). */
export const metainfoPath = (infoHash: string): string => `/node/${infoHash}/metainfo`

/** @param piece numbered in the torrent */
export const piecePath = (key: FileKey, piece: number): string => `/node/${key}/${piece}`

/** What may be fetched for a play that may come: head and tail of its file, or only what is in the torrent. */
export type Ahead = 'ends' | 'metadata'

/**
 * What is asked of the node that the balancer names for a source (balancer.ts): with the `s` of its play's address,
 * by which balancers choose.
 */
export const aheadPath = (
  title: Title,
  source: { readonly number: number; readonly key: string },
  what: Ahead,
): string => playPath(title, source).replace('/play/', `/node/ahead/${what}/`)
