import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const SIZE = 16 * MiB + 4321
const ids = { whole: 'tt9000401', ranges: 'tt9000402' } as const
/** What may be asked twice: late blocks near a reader. */
const SLACK = SIZE * 0.02

describe('ten viewers of one film at once', () => {
  let stage: Stage<'whole' | 'ranges'>
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        whole: { name: 'Whole.2001.mkv', size: SIZE, pieceLength: 256 * KiB },
        ranges: { name: 'Ranges.2001.mkv', size: SIZE, pieceLength: 256 * KiB },
      },
      titles: ({ magnet }) => [
        movie(ids.whole, 'Whole', { magnet: magnet('whole') }),
        movie(ids.ranges, 'Ranges', { magnet: magnet('ranges') }),
      ],
    })
    // slow enough that all of them find it cold
    await stage.seeder.rate(8_000_000)
  })
  afterAll(() => stage.end())

  async function fetchedOnce(name: 'whole' | 'ranges'): Promise<void> {
    const { infoHash } = stage.torrents[name]
    await published(stage.server.base, ids[name])
    const sent = await stage.seeder.uploaded(infoHash)
    expect(sent).toBeGreaterThanOrEqual(SIZE)
    expect(sent).toBeLessThanOrEqual(SIZE + SLACK)
    expect(stage.tracker.starts(infoHash)).toBe(1)
  }

  test('the whole film each: one download, equal bytes', async () => {
    const url = stage.server.base + playMovie(ids.whole)
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(url)))
    const wanted = sha256(stage.torrents.whole.content)
    expect(answers.map((one) => sha256(one.body))).toEqual(Array(10).fill(wanted))
    expect(new Set(answers.map((one) => one.headers.etag)).size).toBe(1)
    await fetchedOnce('whole')
    expect((await cacheStats(stage.server.base)).files.count).toBe(1)
  })

  test('different ranges: every piece once, every byte right', async () => {
    const film = stage.torrents.ranges.content
    const url = stage.server.base + playMovie(ids.ranges)
    const tenth = Math.ceil(SIZE / 10)
    const starts = Array.from({ length: 10 }, (_, i) => i * tenth)
    const answers = await Promise.all(
      // each reads two tenths, so that neighbours overlap
      starts.map((start) =>
        ask(url, { headers: { Range: `bytes=${start}-${start + 2 * tenth - 1}` } }),
      ),
    )
    for (const [i, answer] of answers.entries()) {
      const start = starts[i] ?? 0
      expect(answer.status).toBe(206)
      expect(sha256(answer.body)).toBe(sha256(film.subarray(start, start + 2 * tenth)))
    }
    await fetchedOnce('ranges')
  })
})
