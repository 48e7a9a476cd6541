import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createTitleNames } from '../../../../sources/providers/shared/cinemeta.ts'
import { Questions } from '../../../../sources/providers/shared/questions.ts'
import {
  factsOf,
  isMissing,
  MOST_EPISODES,
  readTitleAnswer,
  storedFactsShape,
} from '../../../../sources/providers/shared/title-answer.ts'
import type { Source } from '../../../../sources/source.ts'
import { endAll, outbound, serve } from '../../../common/network/outbound-stage.ts'
import { NIGHT, sourceProviderContract } from '../../../contracts/source-provider.ts'
import { fakeIndex, handClock, never, silent } from '../../fakes.ts'

const meta = (value: unknown): RequestListener => {
  return (_req, res) => void res.end(JSON.stringify({ meta: value }))
}

sourceProviderContract('Cinemeta', {
  async find({ base, outbound: out, clock }, signal) {
    const names = createTitleNames({
      base,
      outbound: out,
      clock,
      index: fakeIndex(),
      questions: new Questions({ clock, log: silent }),
    })
    try {
      const facts = await names.find(NIGHT, signal)
      const locator = { kind: 'url' as const, url: 'https://v.example/a.mp4' }
      const source: Source = { provider: 'x', selector: {}, locator, label: facts?.name ?? '' }
      return facts ? [source] : []
    } finally {
      names.close()
    }
  },
  answer: meta({ name: 'Night of the Living Dead', releaseInfo: '1968' }),
  tolerates: ['null', 'a list'],
})

describe('names of titles', () => {
  afterEach(endAll)

  async function namesOn(answer: RequestListener, index = fakeIndex()) {
    const asked: string[] = []
    const port = await serve((req, res) => {
      asked.push(req.url ?? '')
      answer(req, res)
    })
    const clock = handClock()
    const questions = new Questions({ clock, log: silent })
    const base = `http://127.0.0.1:${port}`
    const open = () => createTitleNames({ base, outbound: outbound(), clock, index, questions })
    return { open, names: open(), asked, clock, index }
  }

  test.each([
    [
      { name: 'A', releaseInfo: '1968' },
      { name: 'A', year: 1968 },
    ],
    [
      { name: 'A', releaseInfo: '2008–2013' },
      { name: 'A', year: 2008 },
    ],
    [
      { name: 'A', year: 2010, releaseInfo: null },
      { name: 'A', year: 2010 },
    ],
    [{ name: 'A' }, { name: 'A', year: undefined }],
    [{ name: '' }, undefined],
    [{ name: 5 }, undefined],
    [undefined, undefined],
  ])('%j', async (value, facts) => {
    const { names } = await namesOn(meta(value))
    expect(await names.find(NIGHT, never)).toEqual(facts)
  })

  test('are asked for once: for all callers, all episodes, and the next start', async () => {
    const { names, open, asked } = await namesOn(meta({ name: 'Pioneer One', year: '2010' }))
    const of = (episode: number) =>
      ({ type: 'series', imdbId: 'tt1748166', season: 1, episode }) as const
    await Promise.all([names.find(of(1), never), names.find(of(1), never)])
    await names.find(of(2), never)
    expect(await open().find(of(3), never)).toEqual({ name: 'Pioneer One', year: 2010 })
    expect(asked).toEqual(['/meta/series/tt1748166.json'])
  })

  test('an unknown title is asked for again after a while', async () => {
    const { names, asked, clock } = await namesOn((_req, res) => void res.writeHead(404).end())
    expect(await names.find(NIGHT, never)).toBeUndefined()
    await names.find(NIGHT, never)
    expect(asked).toHaveLength(1)
    clock.now += 700_000
    await names.find(NIGHT, never)
    expect(asked).toHaveLength(2)
  })

  test('no server is asked for what the catalogue knows, or when none is set', async () => {
    const { asked, clock, index } = await namesOn(meta({ name: 'Theirs', year: 1 }))
    const questions = new Questions({ clock, log: silent })
    const parts = { base: 'http://127.0.0.1:9', outbound: outbound(), clock, index, questions }
    const own = async () => ({ name: 'Ours', year: 1968 })
    const known = createTitleNames({ ...parts, own })
    expect(await known.find(NIGHT, never)).toEqual({ name: 'Ours', year: 1968 })
    const off = createTitleNames({ ...parts, base: undefined })
    expect(await off.find(NIGHT, never)).toBeUndefined()
    const nobody = createTitleNames({ ...parts, own: async () => undefined })
    expect(await nobody.find({ type: 'movie', imdbId: 'tt9800000001' }, never)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('a server that fails is not asked for half a minute', async () => {
    const { names, asked, clock } = await namesOn((_req, res) => void res.writeHead(500).end())
    const of = (n: number) => names.find({ type: 'movie', imdbId: `tt000000${n}` }, never)
    await expect(of(1)).rejects.toThrow()
    await expect(of(2)).rejects.toThrow()
    expect(asked).toHaveLength(1)
    clock.now += 31_000
    await expect(of(3)).rejects.toThrow()
    expect(asked).toHaveLength(2)
  })

  test('an index that is down only costs a request', async () => {
    const index = fakeIndex()
    index.down = true
    const { names } = await namesOn(meta({ name: 'A' }), index)
    expect(await names.find(NIGHT, never)).toMatchObject({ name: 'A' })
  })
})

describe('what a metadata server tells of a series', () => {
  const at = (season: number, episode: number) =>
    ({ type: 'series', imdbId: 'tt1748166', season, episode }) as const
  const video = (season: number, episode: number, released: string) => ({
    season,
    episode,
    released,
  })
  const answer = {
    name: 'La Haute',
    releaseInfo: '2019–2023',
    country: 'United States, United Kingdom',
    originalName: 'Ла Хаут',
    aliases: ['The High', 7, 'La Haute'],
    videos: [
      video(0, 1, '2019-01-01T00:00:00.000Z'),
      video(1, 1, '2019-03-02T02:00:00.000Z'),
      video(1, 2, '2019-03-09T00:00:00.000Z'),
      { season: 2, number: 1, firstAired: '2020-05-01T12:00:00.000Z' },
      { season: 'x' },
      null,
    ],
  }

  test('is its span, its countries, its aliases, and its episodes', () => {
    const stored = readTitleAnswer(answer, 5)
    expect(stored && factsOf(stored, at(1, 2))).toEqual({
      name: 'La Haute',
      year: 2019,
      endYear: 2023,
      aliases: ['Ла Хаут', 'The High'],
      countries: ['us', 'gb'],
      seasons: [
        { season: 0, episodes: 1, years: [2019] },
        { season: 1, episodes: 2, years: [2019] },
        { season: 2, episodes: 1, years: [2020] },
      ],
      // An American evening is the next day by Greenwich; midnight sharp has no time.
      days: new Map([[1, ['2019-03-01', '2019-03-09']]]),
    })
    expect(storedFactsShape.safeParse(JSON.parse(JSON.stringify(stored))).success).toBe(true)
  })

  test.each([
    ['2016–', undefined],
    ['2016-', undefined],
    ['2016', 2016],
    ['2016-2018', 2018],
  ])('%s ends in %s', (releaseInfo, endYear) => {
    const stored = readTitleAnswer({ name: 'A', releaseInfo }, 5)
    expect(stored && factsOf(stored, at(1, 1))?.endYear).toBe(endYear)
  })

  test('hostile lists and texts are bounded, and cost no other fact', () => {
    const videos = Array.from({ length: 20_000 }, (_, n) => video(1, (n % 9999) + 1, 'x'))
    const stored = readTitleAnswer(
      { name: 'A', videos, aliases: Array(500).fill('b'.repeat(400)), country: 7 },
      5,
    )
    expect(stored?.name).toBe('A')
    expect(stored?.seasons[0]?.days.length).toBeLessThanOrEqual(MOST_EPISODES)
    expect(storedFactsShape.safeParse(stored).success).toBe(true)
    const one = readTitleAnswer({ name: 'A', videos: [video(1, 9999, 'x')] }, 5)
    expect(one?.seasons[0]?.days).toHaveLength(2)
  })

  test('is asked for again after a day when an episode is not in it', () => {
    const stored = readTitleAnswer(answer, 5)
    expect(stored && [isMissing(stored, at(2, 1)), isMissing(stored, at(2, 2))]).toEqual([
      false,
      true,
    ])
  })
})
