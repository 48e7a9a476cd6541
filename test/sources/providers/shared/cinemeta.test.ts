import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { isReleaseOf } from '../../../../sources/matching/title-names.ts'
import { plainName } from '../../../../sources/names/plain-name.ts'
import { readRelease } from '../../../../sources/names/read-release.ts'
import { createTitleNames } from '../../../../sources/providers/shared/cinemeta.ts'
import { Questions } from '../../../../sources/providers/shared/questions.ts'
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
    const own = () => ({ name: 'Ours', year: 1968 })
    const known = createTitleNames({ ...parts, own })
    expect(await known.find(NIGHT, never)).toEqual({ name: 'Ours', year: 1968 })
    const off = createTitleNames({ ...parts, base: undefined })
    expect(await off.find(NIGHT, never)).toBeUndefined()
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

describe('whether a release is a title', () => {
  const film = { name: 'Amélie & Co.', year: 2001 }
  const show = { name: 'Pioneer One', year: 2010 }
  const episode = { type: 'series', imdbId: 'tt1748166', season: 1, episode: 2 } as const

  test('names are compared by letters and digits', () => {
    expect(plainName(' Amélie  &\tCo. ')).toBe(plainName('AMELIE and co'))
    expect(plainName("It's")).toBe('its')
    expect(plainName('火垂るの墓')).toBe('火垂るの墓'.normalize('NFKD').replace(/\p{M}/gu, ''))
  })

  test.each([
    [true, 'Amelie.and.Co.2001.1080p.BluRay'],
    [false, 'Amelie.and.Co.1080p.BluRay'],
    [false, 'Amelie.and.Co.2011.1080p'],
    [false, 'Amelie.2001.1080p'],
    [false, 'Amelie.and.Co.S01E01.2001'],
  ])('%s: %s', (expected, release) => {
    expect(isReleaseOf(readRelease(release), NIGHT, film)).toBe(expected)
  })

  test.each([
    [true, 'Pioneer.One.S01E02.720p'],
    [true, 'Pioneer.One.S01.Complete'],
    [true, 'Pioneer One (2010) S01E01-E03'],
    [false, 'Pioneer.One.S02E02.720p'],
    [false, 'Pioneer.One.S01E03.720p'],
    [false, 'Pioneer One 720p'],
    [false, 'Pioneer Two S01E02'],
    [false, 'Pioneer One (1985) S01E02'],
  ])('%s: %s', (expected, release) => {
    expect(isReleaseOf(readRelease(release), episode, show)).toBe(expected)
  })
})
