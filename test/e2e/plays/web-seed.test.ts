import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, sha256 } from '../../support/swarm/payload.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { fixed, startWeb, type Web } from '../../support/web.ts'

const ITEM = 'tt9000601'
const FILM = 'The Film – Teil 1 (1926).mp4'
/** As the Internet Archive has them: a folder of an item, its seed one address for all items. */
const item = buildTorrent({
  name: 'the-film_1926',
  files: { 'the-film_1926_meta.xml': 1234, [FILM]: 5_000_001, 'the film.ogv': 300_000 },
  pieceLength: 256 * KiB,
})
const film = item.files.find(({ path }) => path === FILM)?.bytes ?? Buffer.alloc(0)

let stage: Stage<never>
let front: Web
let node: Web
let down = false
const get = (server: { base: string }, headers = {}) =>
  ask(server.base + playMovie(ITEM), { headers })

beforeAll(async () => {
  const files = item.files.map(({ path, bytes }) => [`/0/${item.name}/${path}`, bytes])
  const serve = fixed(Object.fromEntries(files))
  node = await startWeb((req, res) => (down ? void res.writeHead(503).end() : serve(req, res)))
  front = await startWeb((req, res) => {
    const to = req.url?.replace('/download/', '/0/') ?? ''
    res.writeHead(302, { Location: node.base + to, 'Content-Length': 0 }).end()
  })
  stage = await openStage({
    titles: () => [movie(ITEM, 'The Film', { torrent: './item.torrent', file: FILM })],
    env: { CACHE_PERSISTENT: 'true', CACHE_FILL: 'window' },
  })
  stage.own(() => front.close())
  stage.own(() => node.close())
  const webSeeds = [`${front.base}/download/`]
  await writeFile(join(stage.catalogue, '..', 'item.torrent'), item.torrent({ webSeeds }))
})
afterAll(() => stage.end())

test('an item that only a web server has plays, seeks, and goes on after a restart', async () => {
  const { server } = stage
  const seek = await get(server, { Range: 'bytes=4500000-4600000' })
  expect(seek.status).toBe(206)
  expect(seek.body.equals(film.subarray(4_500_000, 4_600_001))).toBe(true)
  const head = await get(server, { Range: 'bytes=0-99999' })
  expect(head.body.equals(film.subarray(0, 100_000))).toBe(true)
  await server.stop()

  // The parts that came are on disk: no server is needed for them.
  down = true
  const again = await stage.another({ CACHE_DIR: server.cacheDir })
  const tail = await get(again, { Range: 'bytes=4500000-4600000' })
  expect(sha256(tail.body)).toBe(sha256(film.subarray(4_500_000, 4_600_001)))
  down = false
  const whole = await get(again)
  expect([whole.status, sha256(whole.body)]).toEqual([200, sha256(film)])
})
