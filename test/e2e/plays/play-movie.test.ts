import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, published, settled } from '../../support/facts.ts'
import { ask, sendRaw } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'

const MAGNET = 'tt9000001'
const FILE = 'tt9000002'
const NAME = 'First.Film.2001.1080p.mkv'
const PRIVATE = 'tt9000003'

describe('a movie, cold and warm', () => {
  let stage: Stage<'film' | 'other' | 'closed'>
  const url = (path: string): string => stage.server.base + path

  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        film: { name: NAME, size: 3_000_001, pieceLength: 64 * KiB },
        other: { name: 'Second.Film.2001.mp4', size: 700_000, pieceLength: 16 * KiB },
        closed: { name: 'Third.Film.2001.mp4', size: 500_000, private: true },
      },
      titles: ({ magnet }) => [
        movie(MAGNET, 'First Film', { magnet: magnet('film'), filename: NAME }),
        movie(FILE, 'Second Film', { torrent: './second.torrent' }),
        movie(PRIVATE, 'Third Film', { torrent: './third.torrent' }),
      ],
    })
    const folder = join(stage.catalogue, '..')
    const announce = stage.tracker.url
    await writeFile(join(folder, 'second.torrent'), stage.torrents.other.torrent({ announce }))
    await writeFile(join(folder, 'third.torrent'), stage.torrents.closed.torrent({ announce }))
  })
  afterAll(() => stage.end())

  test('HEAD and the list before anything was played start no download', async () => {
    const { film } = stage.torrents
    const head = await ask(url(playMovie(MAGNET)), { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers['content-type']).toBe('video/x-matroska')
    expect(head.headers['accept-ranges']).toBe('bytes')
    const list = await ask(url(streamsOf(MAGNET)))
    expect((list.json() as { streams: unknown[] }).streams).toHaveLength(1)
    const raw = await sendRaw(
      stage.server.port,
      `HEAD ${playMovie(MAGNET)} HTTP/1.1\r\nHost: 127.0.0.1:${stage.server.port}\r\nConnection: close\r\n\r\n`,
    )
    expect(raw.split('\r\n\r\n')[1]).toBe('')
    expect(await stage.seeder.uploaded(film.infoHash)).toBe(0)
    expect(stage.tracker.announces()).toBe(0)
  })

  test('plays from the swarm, then from disk: equal bytes, equal headers, no more traffic', async () => {
    const { film } = stage.torrents
    const cold = await ask(url(playMovie(MAGNET)))
    expect(cold.status).toBe(200)
    expect(cold.complete).toBe(true)
    expect(sha256(cold.body)).toBe(sha256(film.content))
    expect(cold.headers['content-length']).toBe(String(film.content.length))
    expect(cold.headers['content-type']).toBe('video/x-matroska')
    expect(cold.headers['accept-ranges']).toBe('bytes')
    expect(cold.headers.etag).toMatch(/^"[^"]+"$/)
    expect(cold.headers['content-disposition']).toMatch(/^inline; filename="?First\.Film\.2001/)
    expect(cold.headers['access-control-allow-origin']).toBe('*')
    expect(cold.headers['timing-allow-origin']).toBe('*')
    for (const step of ['sources', 'cache', 'metadata', 'peer', 'piece', 'byte']) {
      expect(cold.headers['server-timing']).toMatch(new RegExp(`\\b${step};dur=\\d`))
    }
    expect(cold.headers['access-control-expose-headers']).toMatch(/Content-Range/i)
    // the playing route is the hot path: helmet's headers would be paid on every request
    expect(cold.headers['content-security-policy']).toBeUndefined()

    const before = await published(stage.server.base, MAGNET)
    const traffic = await stage.seeder.uploaded(film.infoHash)
    // What has ended says so to the tracker, a moment later or not.
    const starts = stage.tracker.starts(film.infoHash)
    const warm = await ask(url(playMovie(MAGNET)))
    expect(sha256(warm.body)).toBe(sha256(film.content))
    for (const name of ['etag', 'content-type', 'content-length', 'content-disposition']) {
      expect([name, warm.headers[name]]).toEqual([name, cold.headers[name]])
    }
    expect(warm.headers['server-timing']).toMatch(
      /^sources;dur=[\d.]+, cache;dur=[\d.]+, byte;dur=[\d.]+$/,
    )
    const after = await published(stage.server.base, MAGNET)
    expect(after.plays.hits).toBe(before.plays.hits + 1)
    expect(after.plays.misses).toBe(before.plays.misses)
    expect(await stage.seeder.uploaded(film.infoHash)).toBe(traffic)
    expect(stage.tracker.starts(film.infoHash)).toBe(starts)
  })

  test('what is cached plays with nobody left in the swarm', async () => {
    await stage.seeder.pause()
    try {
      const warm = await ask(url(playMovie(MAGNET)))
      expect(sha256(warm.body)).toBe(sha256(stage.torrents.film.content))
      const head = await ask(url(playMovie(MAGNET)), { method: 'HEAD' })
      expect(head.headers['content-length']).toBe(String(warm.body.length))
      expect(head.headers.etag).toBe(warm.headers.etag)
    } finally {
      await stage.seeder.resume()
    }
  })

  test.each([
    ['a .torrent file', FILE, 'other'],
    ['a private .torrent file', PRIVATE, 'closed'],
  ] as const)('%s of the catalogue plays', async (_, id, name) => {
    const answer = await ask(url(playMovie(id)))
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('video/mp4')
    expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
  })

  test('the source lists agree with the disk afterwards', async () => {
    const { film, other, closed } = stage.torrents
    const stats = await settled(stage.server.base)
    expect(stats.files.count).toBe(3)
    expect(stats.disk.usedBytes).toBe(
      film.content.length + other.content.length + closed.content.length,
    )
    expect(stats.disk.reservedBytes).toBe(0)
    expect((await cacheStats(stage.server.base)).plays.active).toBe(0)
  })
})
