import type { PartialFile } from '../../cache/disk/file-store.ts'
import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint } from '../../common/bittorrent/piece-layout.ts'
import type { DownloadProgress } from '../../torrent/protocol/torrent-engine.ts'

/** A running download as the status page shows it. Only administrators get to see the name. */
export interface DownloadView {
  readonly key: FileKey
  readonly name: string
  /** Bytes. */
  readonly size: number
  /**
   * Verified, in whole per cent; at 100 the file is complete and only seeded. Absent when the file
   * is played through slots and nothing of it is kept.
   */
  readonly percent?: number
  readonly peers: number
  readonly bytesPerSecond: number
  /** The file from start to end in at most 200 cells, from 0 (nothing) to 255 (all). Empty with slots. */
  readonly pieces: readonly number[]
}

/** An open download. With slots nothing is kept, so there is neither partial nor bitfield. */
export interface InProgress {
  readonly name: string
  readonly size: number
  readonly partial?: PartialFile
  readonly file: { readonly progress: DownloadProgress; readonly have?: Bitfield }
}

const MAX_CELLS = 200

/** The share of set pieces in each cell, 0 to 255; one cell per piece when there are few pieces. */
export function pieceCells(have: Bitfield, maxCells = MAX_CELLS): number[] {
  const cells = Math.min(maxCells, have.length)
  return Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * have.length) / cells)
    const to = Math.floor(((cell + 1) * have.length) / cells)
    let set = 0
    for (let piece = from; piece < to; piece++) if (have.has(piece)) set++
    return Math.floor((255 * set) / (to - from))
  })
}

/** 0 to 99, because 100 % would say that the file is ready. */
export function percentOf({ partial }: InProgress): number | undefined {
  if (!partial) return undefined
  const { bytes, layout } = partial.record
  return Math.min(99, Math.floor((100 * bytes) / Math.max(1, footprint(layout))))
}

export function viewOf(key: FileKey, download: InProgress): DownloadView {
  const { name, size } = download
  const { have, progress } = download.file
  const complete = have?.complete === true
  const percent = complete ? 100 : percentOf(download)
  return {
    ...{ key, name, size },
    ...(percent === undefined ? {} : { percent }),
    peers: progress.peers,
    bytesPerSecond: complete ? 0 : progress.bytesPerSecond,
    pieces: have ? pieceCells(have) : [],
  }
}
