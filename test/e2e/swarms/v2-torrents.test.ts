import { copyFile, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { startSeeder } from '../../support/swarm/seeder.ts'
import { buildV2Torrents, type V2Plan, type V2Torrent } from '../../support/swarm/v2-torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'

/** BitTorrent v2 (BEP 52), made and seeded by libtorrent. The film of each is named here. */
const plans: readonly (V2Plan & { readonly film: string })[] = [
  {
    name: 'short.mkv',
    film: 'short.mkv',
    files: { 'short.mkv': 20_000 },
    pieceLength: 64 * KiB,
    kind: 'v2',
  },
  {
    name: 'film.mkv',
    film: 'film.mkv',
    files: { 'film.mkv': 3_000_001 },
    pieceLength: 64 * KiB,
    kind: 'v2',
  },
  // 544 pieces: their hashes come in two parts, each with its proof.
  {
    name: 'long.mkv',
    film: 'long.mkv',
    files: { 'long.mkv': 8.5 * MiB },
    pieceLength: 16 * KiB,
    kind: 'v2',
  },
  {
    name: 'pack',
    film: 'film.mkv',
    files: { 'a.nfo': 5000, 'film.mkv': 700_001, 'sub/film.srt': 70_000, 'z.nfo': 0 },
    pieceLength: 64 * KiB,
    kind: 'v2',
  },
  {
    name: 'both',
    film: 'film.mkv',
    files: { 'a.nfo': 5000, 'film.mkv': 500_001 },
    pieceLength: 64 * KiB,
    kind: 'hybrid',
  },
]
const idOf = (i: number, by: string): string => `tt90090${i}${by === 'magnet' ? 1 : 2}`
const cases = plans.flatMap(({ name }, i) =>
  (['magnet', 'torrent'] as const).map((by) => ({ name, by, i })),
)

let stage: Stage<never>
let torrents: readonly V2Torrent[]
beforeAll(async () => {
  stage = await openStage({})
  torrents = await buildV2Torrents(await mkdtemp(join(stage.folder, 'v2-')), plans)
  const seeder = await startSeeder(
    torrents.map(({ torrent, folder }) => ({ torrent, folder })),
    ['127.0.0.31'],
  )
  stage.own(() => seeder.close())
  for (const hash of torrents.flatMap(({ infoHash, v1 }) => [infoHash, v1])) {
    stage.tracker.peers(hash, seeder.peers)
  }
  for (const [i, { torrent }] of torrents.entries()) {
    await copyFile(torrent, join(stage.folder, 'catalogue', `${i}.torrent`))
  }
  await stage.writeCatalogue(
    cases.map(({ name, by, i }) => {
      const magnet = torrents[i]?.magnet(stage.trackerUrl) ?? ''
      return movie(idOf(i, by), name, by === 'magnet' ? { magnet } : { torrent: `./${i}.torrent` })
    }),
  )
})
afterAll(() => stage.end())

// Each by a server of its own, so that nothing is known of it. A .torrent names no tracker.
describe.each(['magnet', 'torrent'])('by %s', (by) => {
  let server: Playlink
  beforeAll(async () => {
    server = await stage.another(by === 'torrent' ? { TRACKERS: stage.trackerUrl } : {})
  })

  test.each(plans.map(({ name, film }, i) => ({ name, film, i })))('$name', async ({ film, i }) => {
    const wanted = torrents[i]?.contents[film] ?? Buffer.alloc(0)
    const answer = await ask(server.base + playMovie(idOf(i, by)))
    expect([answer.status, answer.body.length]).toEqual([200, wanted.length])
    expect(sha256(answer.body)).toBe(sha256(wanted))
  })
})
