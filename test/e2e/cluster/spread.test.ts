import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin } from '../../support/server/request.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const FILM = 'tt9150001'
const WANTED = 'Film.2001.mkv'

let stage: ClusterStage<'pack'>
beforeAll(async () => {
  stage = await openClusterStage(2, {
    torrents: {
      pack: {
        name: 'pack',
        // Its first and last piece hold bytes of its neighbours.
        files: { 'A.1999.mkv': 100_001, [WANTED]: 12 * MiB + 7, 'Z.2005.mkv': 90_001 },
        pieceLength: 64 * KiB,
        private: true,
      },
    },
    titles: () => [movie(FILM, 'Film', { torrent: './pack.torrent', file: WANTED })],
    env: { SPREAD_AFTER: '2' },
  })
  const torrent = stage.torrents.pack.torrent({ announce: stage.trackerUrl })
  await writeFile(join(stage.folder, 'catalogue', 'pack.torrent'), torrent)
  await eventually('the nodes know each other', () =>
    stage.nodes.every(({ log }) => log().includes('a node has come')),
  )
})
afterAll(() => stage?.end())

test('what many watch through another node is copied to it, checked, and no swarm is asked', async () => {
  const [holder, other] = stage.nodes as [Playlink, Playlink]
  const { infoHash, files } = stage.torrents.pack
  const content = files.find(({ path }) => path.endsWith(WANTED))?.bytes as Buffer
  const first = await ask(holder.base + playMovie(FILM))
  expect([first.status, first.body.length]).toEqual([200, content.length])
  await published(holder.base, FILM)
  const sent = await stage.seeder.uploaded(infoHash)

  const watching = [
    await begin(other.base + playMovie(FILM)),
    await begin(other.base + playMovie(FILM)),
  ]
  expect((await cacheStats(other.base)).files.count).toBe(0)
  watching.push(await begin(other.base + playMovie(FILM)))
  await eventually('a copy', () => other.log().includes('copied a file that many watch'))
  for (const stream of watching) {
    const { body, complete } = await stream.rest()
    expect([complete, sha256(body)]).toEqual([true, sha256(content)])
  }
  expect(stage.tracker.starts(infoHash)).toBe(1)
  expect(await stage.seeder.uploaded(infoHash)).toBe(sent)

  await holder.kill()
  const alone = await ask(other.base + playMovie(FILM))
  expect(sha256(alone.body)).toBe(sha256(content))
  expect(alone.headers['server-timing']).toContain('cache;dur=')
  expect((await cacheStats(other.base)).files.count).toBe(1)
  expect(await stage.seeder.uploaded(infoHash)).toBe(sent)
})

test('pieces are for nodes only', async () => {
  const [, other] = stage.nodes as [Playlink, Playlink]
  const { infoHash } = stage.torrents.pack
  for (const path of [`/node/${infoHash}/metainfo`, `/node/${infoHash}/1/2`]) {
    expect((await ask(other.base + path)).status).toBe(404)
    const forged = { headers: { 'x-playlink-handed': 'ticket.e30.e30' } }
    expect((await ask(other.base + path, forged)).status).toBe(401)
  }
})
