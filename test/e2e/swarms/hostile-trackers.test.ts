import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { sleep } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

type Answer = (res: ServerResponse) => unknown
const says =
  (body: string | Buffer): Answer =>
  (res) =>
    res.end(body)

/** Addresses that this server may not reach: 10.0.0.0, 10.0.0.1, ... */
const PRIVATE_PEERS = Buffer.concat(
  Array.from({ length: 200_000 }, (_, n) =>
    Buffer.from([10, n >> 16, (n >> 8) & 255, n & 255, 26, 225]),
  ),
)

/** What a tracker that somebody put into a magnet may answer. */
const ANSWERS: readonly (readonly [what: string, answer: Answer])[] = [
  ['a number', says('i5e')],
  ['a list', says('le')],
  ['nothing', says('')],
  ['no bencode', says('<html>')],
  ['a reason that is a number', says('d14:failure reasoni5ee')],
  ['a reason that is a dictionary', says('d14:failure reasond1:ai1eee')],
  ['a warning that is a list', says('d15:warning messageli1eee')],
  ['peers that are numbers', says('d8:intervali60e5:peersli1ei2eee')],
  ['peers that are nothing', says('d8:intervali60e5:peersl0:0:ee')],
  ['peers of half a length', says('d8:intervali60e5:peers7:1234567e')],
  ['a name that reaches all objects', says('d9:__proto__d4:peeri1ee5:peers0:e')],
  ['nested lists', says('l'.repeat(50_000))],
  ['a string of negative length', says('l-3:')],
  ['500,000 empty strings', says(`l${'0:'.repeat(500_000)}e`)],
  ['an interval of nothing', says('d8:intervali-1e5:peers0:e')],
  ['an interval beyond all timers', says('d8:intervali99999999999e5:peers0:e')],
  ['a text as interval', says('d8:interval1:x5:peers0:e')],
  [
    '200,000 peers',
    says(Buffer.concat([Buffer.from('d5:peers1200000:'), PRIVATE_PEERS, Buffer.from('e')])),
  ],
  [
    'a body that ends too early',
    (res) => res.writeHead(200, { 'Content-Length': 500 }).write('d8:int', () => res.destroy()),
  ],
  ['a status of its own', (res) => res.writeHead(302, { Location: 'gopher://x' }).end()],
  [
    '2 GB in 2 MB',
    (res) =>
      res
        .writeHead(200, { 'Content-Encoding': 'gzip' })
        .end(Buffer.concat(Array(2000).fill(gzipSync(Buffer.alloc(1 << 20))))),
  ],
]
const idOf = (nth: number): string => `tt92000${String(nth).padStart(2, '0')}`

describe('trackers that answer what no tracker answers', () => {
  let stage: Stage<'good'>
  let web: Web
  const asked = (nth: number): number =>
    web.requests.filter((line) => line.includes(`/${nth}/announce`)).length
  beforeAll(async () => {
    web = await startWeb((req, res) => {
      const [, nth = ''] = /^\/(\d+)\//.exec(req.url ?? '') ?? []
      ANSWERS[Number(nth)]?.[1](res)
    })
    stage = await openStage({
      torrents: { good: { name: 'Good.2001.mkv', size: 200_000 } },
      titles: ({ torrents, trackerUrl }) => [
        ...ANSWERS.map(([what], nth) => {
          const film = buildTorrent({ name: `${what}.mkv`, size: 100_000 })
          return movie(idOf(nth), what, {
            magnet: film.magnet({ trackers: [`${web.base}/${nth}/announce`] }),
          })
        }),
        movie('tt9200099', 'Good', {
          magnet: torrents.good.magnet({
            trackers: [...ANSWERS.keys()]
              .slice(0, 15)
              .map((nth) => `${web.base}/${nth}/announce`)
              .concat(trackerUrl),
          }),
        }),
      ],
      env: { PLAY_TIMEOUT: '3' },
    })
    stage.own(() => web.close())
  })
  afterAll(() => stage.end())

  test.each(ANSWERS.map(([what], nth) => [what, nth] as const))(
    '%s: the engine goes on, and asks no more often than it should',
    async (_, nth) => {
      const before = await stage.server.enginePid()
      const { status } = await ask(stage.server.base + playMovie(idOf(nth)))
      expect(status).toBe(504)
      expect(await stage.server.enginePid()).toBe(before)
      expect(asked(nth)).toBeGreaterThan(0)
      expect(asked(nth)).toBeLessThan(20)
    },
  )

  test('a film whose other trackers are all of them plays', async () => {
    const before = await stage.server.enginePid()
    const { status, body } = await ask(stage.server.base + playMovie('tt9200099'))
    expect([status, body.equals(stage.torrents.good.content)]).toEqual([200, true])
    await sleep(200)
    expect(await stage.server.enginePid()).toBe(before)
  })
})
