import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { listen } from '../../support/server/listening.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { fixed, startWeb, type Web } from '../../support/web.ts'

const ids = {
  film: 'tt9001501',
  trapped: 'tt9001502',
  redirected: 'tt9001503',
  named: 'tt9001504',
  seeds: 'tt9001505',
  mapped: 'tt9001506',
} as const

describe('what OUTBOUND_ALLOW does not open is never contacted', () => {
  let stage: Stage<'film' | 'seeds'>
  let allowed: Web
  let trap: Web
  let base: string
  let peerKnocks = 0
  const files: Record<string, Buffer> = {}
  const play = (id: string): Promise<Answer> => ask(base + playMovie(id))

  beforeAll(async () => {
    trap = await startWeb()
    allowed = await startWeb((req, res) => {
      if (req.url !== '/redirect.torrent') return fixed(files)(req, res)
      res.writeHead(302, { Location: `${trap.base}/x.torrent` }).end()
    })
    const peerTrap = createServer((socket) => {
      peerKnocks++
      socket.destroy()
    })
    const peerPort = await listen(peerTrap, '127.0.0.66')
    stage = await openStage({
      torrents: {
        film: { name: 'film.mkv', size: 300_000 },
        seeds: { name: 'seeds.mkv', size: 300_000 },
      },
      titles: ({ torrents, trackerUrl }) => [
        movie(ids.film, 'Film', {
          magnet: torrents.film.magnet({
            trackers: [
              `${trap.base}/announce`,
              `udp://127.0.0.1:${trap.port}/announce`,
              `ws://127.0.0.1:${trap.port}`,
              trackerUrl,
            ],
            webSeeds: [`${trap.base}/film.mkv`, `http://localhost:${trap.port}/film.mkv`],
          }),
        }),
        movie(ids.trapped, 'Trapped', { torrent: `${trap.base}/x.torrent` }),
        movie(ids.redirected, 'Redirected', { torrent: `${allowed.base}/redirect.torrent` }),
        movie(ids.named, 'Named', { torrent: `http://localhost:${trap.port}/x.torrent` }),
        movie(ids.mapped, 'Mapped', {
          torrent: `http://[::ffff:127.0.0.1]:${trap.port}/x.torrent`,
        }),
        movie(ids.seeds, 'Seeds', { torrent: `${allowed.base}/seeds.torrent` }),
      ],
    })
    stage.own(() => trap.close())
    stage.own(() => allowed.close())
    stage.own(() => new Promise<void>((resolve) => peerTrap.close(() => resolve())))
    const { film, seeds } = stage.torrents
    files['/seeds.torrent'] = seeds.torrent({
      announce: stage.tracker.url,
      webSeeds: [`${trap.base}/seeds.mkv`],
    })
    const peers = [`127.0.0.66:${peerPort}`, ...stage.seeder.peers]
    stage.tracker.peers(film.infoHash, peers)
    stage.tracker.peers(seeds.infoHash, peers)
    const open = [
      '127.0.0.11/32',
      `127.0.0.1/32:${stage.tracker.port}`,
      `127.0.0.1/32:${allowed.port}`,
    ]
    base = (await stage.another({ OUTBOUND_ALLOW: open.join(',') })).base
  })
  afterAll(() => stage.end())

  test('trackers and web seeds of a magnet, peers of a tracker', async () => {
    const answer = await play(ids.film)
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.film.content))
    expect([trap.connections, peerKnocks]).toEqual([0, 0])
  })

  test('web seeds of a .torrent from an address that is open', async () => {
    const answer = await play(ids.seeds)
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.seeds.content))
    expect([trap.connections, peerKnocks]).toEqual([0, 0])
  })

  test.each([
    ['at a closed address', ids.trapped],
    ['behind a redirect to one', ids.redirected],
    ['at a name of one', ids.named],
    ['at a mapped IPv6 form of one', ids.mapped],
  ])('a .torrent %s', async (_, id) => {
    const answer = await play(id)
    // some forms are refused when the catalogue is read (404), the others when they are needed
    expect([404, 502]).toContain(answer.status)
    expect(errorCode(answer.body)).toMatch(/^(OUTBOUND_REFUSED|UNKNOWN_TITLE|UNKNOWN_SOURCE)$/)
    expect(answer.body.toString()).not.toMatch(/127\.0\.0\.1|localhost/)
    expect(trap.connections).toBe(0)
  })
})
