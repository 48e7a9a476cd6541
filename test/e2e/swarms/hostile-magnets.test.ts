import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bombs } from '../../support/bombs.ts'
import { withWatch } from '../../support/clients/watch.ts'
import { errorCode, published } from '../../support/facts.ts'
import { type LongPlay, startLongPlay } from '../../support/server/long-play.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB, payload, sha256 } from '../../support/swarm/payload.ts'
import { startPeer } from '../../support/swarm/peer.ts'
import { fromInfo } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { startWeb, type Web } from '../../support/web.ts'

const [GOOD, GREEDY, LINKS, MANY, LONG, HUGE, FILES, CLIMB, THROUGHOUT] = [
  'tt9001201',
  'tt9001202',
  'tt9001203',
  'tt9001204',
  'tt9001205',
  'tt9001206',
  'tt9001207',
  'tt9001208',
  'tt9001209',
] as const

describe('hostile magnets, the service answering throughout', () => {
  let stage: Stage<'good' | 'greedy' | 'links' | 'many' | 'throughout'>
  let longPlay: LongPlay
  let trap: Web
  const climbed = payload('climbed', 200_000)
  const huge = fromInfo('huge', bombs.hugeLength())
  const files = fromInfo('files', bombs.manyFiles())
  const climbing = fromInfo('climbing', bombs.climbing(climbed))
  const plan = (name: string): { name: string; size: number } => ({ name, size: 200_000 })
  const play = (id: string): Promise<Answer> => ask(stage.server.base + playMovie(id))

  beforeAll(async () => {
    trap = await startWeb()
    stage = await openStage({
      torrents: {
        good: plan('good.mkv'),
        greedy: plan('greedy.mkv'),
        links: plan('links.mkv'),
        many: plan('many.mkv'),
        throughout: { name: 'throughout.mkv', size: 24 * MiB + 3 },
      },
      seeders: ['127.0.0.11', '127.0.0.12'],
      titles: ({ magnet, trackerUrl }) => {
        const trackers = [trackerUrl]
        const strangers = Array.from({ length: 25 }, (_, i) => `&tr=http://tracker${i}.invalid/a`)
        return [
          movie(GOOD, 'Good', { magnet: magnet('good') }),
          movie(GREEDY, 'Greedy', { magnet: `${magnet('greedy')}&so=0-999999999` }),
          movie(LINKS, 'Links', { magnet: `${magnet('links')}${elsewhere(trap)}` }),
          movie(MANY, 'Many', { magnet: magnet('many') + strangers.join('') }),
          movie(LONG, 'Long', { magnet: `${magnet('good')}&dn=${'x'.repeat(9000)}` }),
          movie(HUGE, 'Huge', { magnet: huge.magnet({ trackers }) }),
          movie(FILES, 'Files', { magnet: files.magnet({ trackers }) }),
          movie(THROUGHOUT, 'Throughout', { magnet: magnet('throughout') }),
          movie(CLIMB, 'Climb', { magnet: climbing.magnet({ trackers }) }),
        ]
      },
    })
    stage.own(() => trap.close())
    for (const bomb of [huge, files]) await serve(bomb)
    await serve(climbing, climbed)
    await play(GOOD)
    await published(stage.server.base, GOOD)
    longPlay = await startLongPlay(stage, 'throughout', THROUGHOUT)
  })
  afterAll(() => stage.end())

  async function serve(bomb: ReturnType<typeof fromInfo>, content?: Buffer): Promise<void> {
    const peer = await startPeer({
      info: bomb.info,
      pieceLength: 65536,
      pieceCount: content ? Math.ceil(content.length / 65536) : 1,
      block: (offset, length) => content?.subarray(offset, offset + length),
    })
    stage.own(() => peer.close())
    stage.tracker.peers(bomb.infoHash, [peer.peer])
  }

  async function meanwhile<T>(work: () => Promise<T>): Promise<T> {
    const { base } = stage.server
    const watched = [`${base}/health`, base + playMovie(GOOD), `${base}/manifest.json`]
    const { outcome, wrong } = await withWatch(watched, work)
    expect(wrong).toEqual([])
    return outcome
  }

  test('so=0-999999999 is dropped and the film plays', async () => {
    const answer = await meanwhile(() => play(GREEDY))
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.greedy.content))
  })

  test('xs, as and kt are dropped, and x.pe is asked where the rules allow: nobody goes where they point', async () => {
    const answer = await meanwhile(() => play(LINKS))
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.links.content))
    expect(trap.connections).toBe(0)
  })

  test('of 26 trackers some are left out and the film plays', async () => {
    const answer = await meanwhile(() => play(MANY))
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.many.content))
  })

  test('a magnet over 8 KiB is no source', async () => {
    expect((await play(LONG)).status).toBe(404)
  })

  test.each([
    ['a length of 10^15', HUGE],
    ['400,000 files', FILES],
  ])('metadata with %s is 502 and no more', async (_, id) => {
    const answer = await meanwhile(() => play(id))
    expect(answer.status).toBe(502)
    expect(errorCode(answer.body)).toMatch(/^(HOSTILE_TORRENT|ENGINE_DIED)$/)
    // and the next one plays from a swarm as if nothing had been
    const next = await ask(stage.server.base + playMovie(GREEDY))
    expect(sha256(next.body)).toBe(sha256(stage.torrents.greedy.content))
  })

  test('a torrent named ".." writes nothing outside its folder', async () => {
    const around = dirname(stage.server.cacheDir)
    const before = [await readdir(around), await readdir(dirname(around))]
    const answer = await meanwhile(() => play(CLIMB))
    expect([200, 502]).toContain(answer.status)
    if (answer.status === 200) expect(sha256(answer.body)).toBe(sha256(climbed))
    expect([await readdir(around), await readdir(dirname(around))]).toEqual(before)
    expect(sha256((await play(GOOD)).body)).toBe(sha256(stage.torrents.good.content))
  })

  test('who played another film through all of it has every byte', () => longPlay.expectWhole())
})

/** Parameters that libraries follow and that we must not. */
const elsewhere = (trap: Web): string =>
  [
    `&xs=${encodeURIComponent(`${trap.base}/xs.torrent`)}`,
    `&as=${encodeURIComponent(`${trap.base}/as.torrent`)}`,
    // The rules refuse the first; names of peers are never looked up.
    '&x.pe=169.254.169.254:80',
    `&x.pe=localhost:${trap.port}`,
    '&kt=words',
  ].join('')
