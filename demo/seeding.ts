import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Child, overseen } from './child.ts'
import { TORRENTS, type TorrentName, videoPath } from './titles.ts'

export interface SeederOrder {
  readonly announceUrl: string
  /** Bytes per second; -1: as fast as it goes. */
  readonly uploadLimit: number
  readonly pieceLength: number
  /** Files and folders, absolute. */
  readonly paths: readonly string[]
}

/** Said once for each path, when it is seeded. */
export interface SeederTells {
  readonly path: string
  readonly infoHash: string
}

export interface Seeding extends Child {
  /** Info hash by torrent, when all are seeded; never when the process ends before that. */
  readonly infoHashes: Promise<ReadonlyMap<TorrentName, string>>
}

/** Small, so that a short film has pieces enough to see them come. */
const PIECE_LENGTH = 16 * 1024

/** Starts the process that has the films. */
export function startSeeding(announceUrl: string, uploadLimit: number): Seeding {
  const order: SeederOrder = {
    announceUrl,
    uploadLimit,
    pieceLength: PIECE_LENGTH,
    paths: TORRENTS.map(videoPath),
  }
  const child = fork(
    fileURLToPath(new URL('./seeder.ts', import.meta.url)),
    [JSON.stringify(order)],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: ['--no-warnings'] },
  )
  const infoHashes = new Promise<ReadonlyMap<TorrentName, string>>((resolve) => {
    const known = new Map<TorrentName, string>()
    child.on('message', (message) => {
      const { path, infoHash } = message as SeederTells
      const name = TORRENTS.find((one) => videoPath(one) === path)
      if (name) known.set(name, infoHash)
      if (known.size === TORRENTS.length) resolve(known)
    })
  })
  return { ...overseen(child), infoHashes }
}

/** A magnet link (BEP 9) with one tracker. */
export const magnetOf = (name: string, infoHash: string, announceUrl: string): string =>
  `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(name)}` +
  `&tr=${encodeURIComponent(announceUrl)}`
