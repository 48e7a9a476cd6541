import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceSize,
} from '../../../common/bittorrent/piece-layout.ts'
import { cacheStats } from '../../support/facts.ts'
import type { Env, Playlink } from '../../support/server/playlink.ts'
import { ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

export const FILM = 'tt9001101'
export const SHORT = 'tt9001102'
export const PIECE = 64 * KiB
export const SIZE = 8 * MiB
/** Pieces that were being put together when a process died: nobody had verified them. */
export const SLACK = 16 * PIECE

export interface Kept {
  readonly key: string
  readonly complete: boolean
  readonly settled: boolean
  /** Verified payload as the sidecar has it. */
  readonly bytes: number
  readonly pieces: Bitfield
  /** What payload and edges take on disk, and at most may take beyond `bytes`. */
  readonly blocks: number
  readonly pages: number
}

/** What the sidecars of a cache folder say, read by hand, and what the file system says. */
export async function keptIn(cacheDir: string): Promise<Kept[]> {
  const kept: Kept[] = []
  const names = await readdir(cacheDir, { recursive: true })
  for (const name of names.filter((each) => /^[0-9a-f]{40}\/\d+\.json$/.test(each))) {
    const key = name.slice(0, -'.json'.length)
    const said = JSON.parse(await readFile(join(cacheDir, name), 'utf8')) as {
      layout: PieceLayout
      pieces: string
      complete: boolean
      settled: boolean
    }
    const map = new Bitfield(pieceCount(said.layout), Buffer.from(said.pieces, 'base64'))
    let bytes = 0
    let pages = 1
    for (let i = 0; i < map.length; i++) {
      if (!map.has(i)) continue
      bytes += pieceSize(said.layout, firstPiece(said.layout) + i)
      if (!map.has(i - 1)) pages++
    }
    const edges = names.filter((each) => each.startsWith(`${key.replace('/', '/edges/')}-`))
    let blocks = 0
    for (const each of [key, ...edges]) blocks += (await stat(join(cacheDir, each))).blocks * 512
    const { complete, settled } = said
    kept.push({ key, complete, settled, bytes, pieces: map, blocks, pages: pages + edges.length })
  }
  return kept
}

/** The server's numbers, the sidecars and the disk say the same. */
export async function expectExact(server: Playlink, spare = 0): Promise<Kept[]> {
  const kept = await keptIn(server.cacheDir)
  const { disk, files } = await cacheStats(server.base)
  expect([files.count, disk.usedBytes]).toEqual([
    kept.length,
    kept.reduce((sum, { bytes }) => sum + bytes, 0),
  ])
  for (const { key, bytes, blocks, pages } of kept) {
    const off = Math.abs(blocks - bytes)
    expect([key, off, off <= 4 * KiB * pages + spare]).toEqual([key, off, true])
  }
  return kept
}

export interface PersistenceStage extends Stage<'film' | 'short'> {
  readonly cacheDir: string
  /** Ends every server of `start` and takes a new cache folder; the seeder sends as fast as it can. */
  fresh(): Promise<void>
  /** A server on the kept folder; another one must have ended. */
  start(env?: Env): Promise<Playlink>
  /** Bytes of the film that the seeder has sent so far. */
  uploaded(): Promise<number>
  expectWhole(server: Playlink, name: 'film' | 'short'): Promise<void>
  /** Plays the film slowly until so many bytes are kept; the stream is still open. */
  playSome(server: Playlink, bytes: number): Promise<Stream>
}

export async function openPersistenceStage(size = SIZE): Promise<PersistenceStage> {
  const stage = await openStage<'film' | 'short'>({
    torrents: {
      film: { name: 'film.mkv', size, pieceLength: PIECE },
      short: { name: 'short.mkv', size: MiB, pieceLength: PIECE },
    },
    titles: ({ magnet }) => [
      movie(FILM, 'Film', { magnet: magnet('film') }),
      movie(SHORT, 'Short', { magnet: magnet('short') }),
    ],
  })
  let turn = 0
  const cacheDir = (): string => join(stage.folder, `kept-${turn}`)
  const running: Playlink[] = []
  const ids = { film: FILM, short: SHORT }
  return {
    ...stage,
    get cacheDir() {
      return cacheDir()
    },
    async fresh() {
      for (const server of running.splice(0)) await server.stop()
      turn++
      await stage.seeder.resume()
      await stage.seeder.rate(0)
    },
    async start(env = {}) {
      const server = await stage.another({
        CACHE_PERSISTENT: 'true',
        CACHE_DIR: cacheDir(),
        ...env,
      })
      running.push(server)
      return server
    },
    uploaded: () => stage.seeder.uploaded(stage.torrents.film.infoHash),
    async expectWhole(server, name) {
      const answer = await ask(server.base + playMovie(ids[name]), { timeout: 60_000 })
      expect([name, answer.status, answer.complete]).toEqual([name, 200, true])
      expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
    },
    async playSome(server, bytes) {
      await stage.seeder.rate(2 * MiB)
      const stream = await begin(server.base + playMovie(FILM), { timeout: 60_000 })
      await stream.read(PIECE)
      await eventually(
        `${bytes} bytes of the film`,
        async () => (await cacheStats(server.base)).disk.usedBytes >= bytes,
      )
      return stream
    },
  }
}
