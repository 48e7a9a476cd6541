import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode, settled } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, sha256 } from '../../support/swarm/payload.ts'
import { playEpisode } from '../../support/titles.ts'

const PACKED = 'tt9000101'
const NAMED = 'tt9000102'
const E1 = 'The.Show.S01E01.720p.mkv'
const E2 = 'The.Show.S01E02.720p.mkv'
const E3 = 'The.Show.S01E03.720p.mkv'
const PIECE = 64 * KiB

describe('a series in a pack', () => {
  let stage: Stage<'pack' | 'second'>
  const url = (path: string): string => stage.server.base + path
  const bytesOf = (name: 'pack' | 'second', path: string): Buffer => {
    const file = stage.torrents[name].files.find((one) => one.path === path)
    if (!file) throw new Error(`no ${path} in ${name}`)
    return file.bytes
  }

  beforeAll(async () => {
    // no file ends at a piece's end, so neighbours share boundary pieces; the sample is the trap
    const files = {
      [E1]: 900_001,
      'Sample/sample.S01E02.mkv': 90_000,
      [E2]: 800_003,
      [E3]: 700_007,
    }
    stage = await openStage({
      torrents: {
        pack: { name: 'The.Show.S01.720p', files, pieceLength: PIECE },
        second: { name: 'Other.Show', files: { 'a.mkv': 400_001, 'b.mkv': 300_001 } },
      },
      titles: ({ magnet }) => [
        {
          id: PACKED,
          type: 'series',
          name: 'The Show',
          packs: [{ magnet: magnet('pack'), seasons: [1] }],
        },
        {
          id: NAMED,
          type: 'series',
          name: 'Other Show',
          episodes: {
            '1:1': [{ magnet: magnet('second'), file: 'b.mkv' }],
            '1:2': [{ magnet: magnet('second'), fileIdx: 0 }],
          },
        },
      ],
    })
  })
  afterAll(() => stage.end())

  test('two episodes at once share one torrent and each gets its own bytes', async () => {
    const { infoHash } = stage.torrents.pack
    const [first, second] = await Promise.all([
      ask(url(playEpisode(PACKED, 0, 1, 1))),
      ask(url(playEpisode(PACKED, 0, 1, 2))),
    ])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(sha256(first.body)).toBe(sha256(bytesOf('pack', E1)))
    expect(sha256(second.body)).toBe(sha256(bytesOf('pack', E2)))
    expect(first.headers.etag).not.toBe(second.headers.etag)
    expect(stage.tracker.starts(infoHash)).toBe(1)
    // the two files, whole pieces at their four ends, and a little that was asked twice
    const sent = await stage.seeder.uploaded(infoHash)
    expect(sent).toBeLessThanOrEqual(first.body.length + second.body.length + 6 * PIECE)
  })

  test('a third one comes later, its first piece shared with a neighbour on disk', async () => {
    await settled(stage.server.base)
    const third = await ask(url(playEpisode(PACKED, 0, 1, 3)))
    expect(sha256(third.body)).toBe(sha256(bytesOf('pack', E3)))
    const again = await ask(url(playEpisode(PACKED, 0, 1, 2)))
    expect(sha256(again.body)).toBe(sha256(bytesOf('pack', E2)))
  })

  test('ranges across every boundary are exact on disk', async () => {
    const whole = bytesOf('pack', E2)
    for (const [start, end] of [
      [0, 0],
      [0, PIECE],
      [PIECE - 1, PIECE + 1],
      [whole.length - PIECE - 1, whole.length - 1],
    ] as const) {
      const part = await ask(url(playEpisode(PACKED, 0, 1, 2)), {
        headers: { Range: `bytes=${start}-${end}` },
      })
      expect(part.status).toBe(206)
      expect(part.body.equals(whole.subarray(start, end + 1))).toBe(true)
    }
  })

  test('an episode the pack does not hold is 404, not another episode', async () => {
    const answer = await ask(url(playEpisode(PACKED, 0, 1, 9)))
    expect([answer.status, errorCode(answer.body)]).toEqual([404, 'NO_WANTED_FILE'])
  })

  test('a season nobody has is 404', async () => {
    const answer = await ask(url(playEpisode(PACKED, 0, 7, 1)))
    expect(answer.status).toBe(404)
    expect(errorCode(answer.body)).toMatch(/^UNKNOWN_(TITLE|SOURCE)$/)
  })

  test.each([
    ['file', 1, 'b.mkv'],
    ['fileIdx', 2, 'a.mkv'],
  ] as const)('the catalogue may name the file by %s', async (_, episode, path) => {
    const answer = await ask(url(playEpisode(NAMED, 0, 1, episode)))
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(bytesOf('second', path)))
  })

  test('listed episodes carry names and addresses that play', async () => {
    const list = await ask(url(`/stream/series/${PACKED}%3A1%3A2.json`))
    const [stream] = (list.json() as { streams: { url: string; behaviorHints: object }[] }).streams
    expect(stream?.url.startsWith(url(playEpisode(PACKED, 0, 1, 2)))).toBe(true)
    const part = await ask(stream?.url ?? '', { headers: { Range: 'bytes=0-99' } })
    expect(part.body.equals(bytesOf('pack', E2).subarray(0, 100))).toBe(true)
  })
})
