import { describe, expect, test } from '@jest/globals'
import { EVERYTHING, type Preferences } from '../../addon/preferences.ts'
import { viewersChoice } from '../../addon/viewers-choice.ts'
import type { Availability } from '../../common/availability.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { namesOf } from '../support/names.ts'
import { source } from './fixtures.ts'

const here = { kind: 'ready' } as const
const away = { kind: 'remote' } as const
const coming = { kind: 'downloading', percent: 10 } as const
const item = (number: number, facts: Partial<NumberedSource>, state: Availability = away) => ({
  source: source(number, facts),
  state,
})
const direct = { kind: 'url', url: 'https://a.example/a.mp4' } as const
const local = { kind: 'path', path: '/films/a.mp4' } as const

const list = [
  item(0, { filename: 'Film.2160p.WEB-DL.mkv', size: 20e9, seeders: 5 }),
  item(1, { filename: 'Film.2010.German.1080p.WEB-DL.mkv', size: 8e9, seeders: 50 }, coming),
  item(2, { filename: 'Film.1080p.BluRay.mkv', size: 9e9, provider: 'archive' }, here),
  item(3, { filename: 'Film.720p.CAM.mkv', size: 1e9, seeders: 500 }),
  item(4, { filename: 'Film.480p.mp4', locator: direct }),
  item(5, { filename: 'film.mp4', locator: local, size: 1e8 }),
  item(6, { filename: 'Film.2010.FRENCH.720p.WEB-DL.mkv', size: 2e9 }),
  item(7, { filename: 'Film.DUAL.AUDIO.576p.mkv' }),
]
const numbers = (wanted: Partial<Preferences>) =>
  viewersChoice(list, { ...EVERYTHING, ...wanted }).map((one) => one.source.number)

test('the size that counts is that of the file, not of its pack', () => {
  const pack = item(0, { filename: 'Show.S01.1080p.mkv', size: 45e9 })
  const { source: one } = pack
  const unopened = {
    ...pack,
    source: { ...one, names: { ...namesOf(one), isPack: true } },
  }
  const opened = { ...unopened, state: { ...away, file: { name: 'Show.S01E01.mkv', size: 3e9 } } }
  const left = (maxMb: number) =>
    viewersChoice([unopened, opened], { ...EVERYTHING, maxMb }).map(({ state }) => state)
  expect(left(4000)).toEqual([away, opened.state])
  expect(left(2000)).toEqual([away])
})

test('what a file says of its languages counts where its name says none', () => {
  const heard = (filename: string, language: string) => {
    const audio = [{ codec: 'ac-3', language }]
    const tracks = { picture: 'avc1.640028', audio, subtitles: [] }
    return item(0, { filename }, { kind: 'ready', file: { tracks } })
  }
  const left = (...items: readonly ReturnType<typeof item>[]) =>
    viewersChoice(items, { ...EVERYTHING, languages: ['fr'] }).map(
      ({ source: { filename } }) => filename,
    )
  const [plain, dual, named] = ['Film.1080p.mkv', 'Film.DUAL.AUDIO.mkv', 'Film.2010.FRENCH.mkv']
  expect(left(heard(plain, 'ger'))).toEqual([])
  expect(left(heard(dual, 'ger'))).toEqual([])
  expect(left(heard(plain, 'und'), heard(plain, 'fre'))).toEqual([plain, plain])
  expect(left(heard(dual, 'und'), heard(dual, 'fre'))).toEqual([dual, dual])
  expect(left(heard(named, 'ger'))).toEqual([named])
})

test('no preferences leave the list as it is', () => {
  expect(viewersChoice(list, undefined)).toBe(list)
})

describe('hides', () => {
  test.each<[string, Partial<Preferences>, number[]]>([
    ['resolutions', { resolutions: ['1080', 'sd'] }, [1, 2, 4, 7]],
    [
      'what states none',
      { resolutions: ['2160', '1440', '1080', '720', 'sd'] },
      [0, 1, 2, 3, 4, 6, 7],
    ],
    ['what is too large, not what states no size', { maxMb: 2000 }, [3, 4, 5, 6, 7]],
    ['providers', { without: ['catalogue'] }, [2]],
    ['what is not here, but nothing that plays at once', { hide: ['remote'] }, [1, 2, 4, 5]],
    ['camera copies', { hide: ['camera'] }, [0, 1, 2, 4, 5, 6, 7]],
    ['direct links', { hide: ['direct'] }, [0, 1, 2, 3, 5, 6, 7]],
    ['other languages, not those that nobody tells', { languages: ['de'] }, [0, 1, 2, 3, 4, 5, 7]],
    ['all', { resolutions: ['1440'] }, []],
  ])('%s', (_what, wanted, left) => {
    expect(numbers(wanted).toSorted((a, b) => a - b)).toEqual(left)
  })
})

describe('orders', () => {
  test.each<[string, Partial<Preferences>, number[]]>([
    ['what is here first, as ever', {}, [2, 1, 0, 3, 4, 5, 6, 7]],
    ['among equals the languages', { languages: ['fr', 'en'] }, [2, 6, 0, 3, 4, 5, 7]],
    ['the highest', { sort: 'quality' }, [0, 1, 2, 3, 6, 4, 7, 5]],
    ['the smallest, unknown ones last', { sort: 'small' }, [5, 3, 6, 1, 2, 0, 4, 7]],
    ['the largest', { sort: 'large' }, [0, 2, 1, 6, 3, 5, 4, 7]],
    ['the most seeders', { sort: 'seeders' }, [3, 1, 0, 2, 4, 5, 6, 7]],
  ])('%s', (_what, wanted, order) => {
    expect(numbers(wanted)).toEqual(order)
  })
})
