import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats } from '../../support/facts.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const [FIRST, SECOND] = ['tt9001801', 'tt9001802'] as const

describe('MAX_DOWNLOADS=1', () => {
  let stage: Stage<'first' | 'second'>
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        first: { name: 'first.mkv', size: 16 * MiB, pieceLength: 128 * KiB },
        second: { name: 'second.mkv', size: 400_000 },
      },
      titles: ({ magnet }) => [
        movie(FIRST, 'First', { magnet: magnet('first') }),
        movie(SECOND, 'Second', { magnet: magnet('second') }),
      ],
      env: { MAX_DOWNLOADS: '1' },
    })
    await stage.seeder.rate(1_000_000)
  })
  afterAll(() => stage.end())

  test('a second download waits for its turn; an unwatched one yields it at once', async () => {
    const { base } = stage.server
    const watched = await begin(base + playMovie(FIRST))
    await watched.read(64 * KiB)
    const waiting = ask(base + playMovie(SECOND))
    await eventually('one waiting', async () => {
      const { arrivals } = await cacheStats(base)
      expect(arrivals.max).toBe(1)
      expect(arrivals.running).toBeLessThanOrEqual(1)
      return arrivals.waiting === 1
    })
    // its metadata may be asked for meanwhile, its bytes may not
    expect(await stage.seeder.uploaded(stage.torrents.second.infoHash)).toBe(0)
    watched.leave()
    const answer = await waiting
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents.second.content))
  })

  test('a turn that does not come in time is 503 and says when to come back', async () => {
    const server = await stage.another({ PLAY_TIMEOUT: '2' })
    const watched = await begin(server.base + playMovie(FIRST))
    await watched.read(64 * KiB)
    // By default it would wait half a minute.
    const late = await ask(server.base + playMovie(SECOND), { timeout: 20_000 })
    expect(late.status).toBe(503)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    // the one who watches noticed nothing
    const more = await watched.read(256 * KiB)
    expect(more.length).toBeGreaterThan(0)
    watched.leave()
  })
})
