import { describe, expect, test } from '@jest/globals'
import { bingeGroup } from '../../../addon/binge-group.ts'
import { Fault } from '../../../common/errors.ts'
import { type Title, titleId } from '../../../common/title.ts'
import { type EpisodeAsker, nextEpisode } from '../../../player/prefetch/next-episode.ts'
import { nameSources } from '../../../sources/matching/name-sources.ts'
import type { TitleFacts } from '../../../sources/matching/titles/title-facts.ts'
import type { Selector } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { film, magnetOf, movie, sourceOf } from '../fakes.ts'

const SERIES = 'tt0903747'
const at = (season: number, episode: number): Title => ({
  type: 'series',
  imdbId: SERIES,
  season,
  episode,
})
const nameOf = (title: Title): string => titleId(title).replace(`${SERIES}:`, '')

interface World {
  /** Names of the files of each episode's sources, by `1:2`. */
  readonly episodes: Readonly<Record<string, readonly string[]>>
  readonly facts?: TitleFacts
  /** Nothing is remembered: every list has to be asked for. */
  readonly isNew?: boolean
  readonly selector?: Selector
  readonly retired?: readonly string[]
}

const torrent = magnetOf(film('show'))

function world({ episodes, facts, isNew, selector, retired = [] }: World) {
  const asked: string[] = []
  async function listOf(title: Title) {
    const files = episodes[nameOf(title)] ?? []
    const sources = files.map((filename, number) => ({
      ...sourceOf(torrent, number, selector),
      key: `key of ${filename}`,
      filename,
      retired: retired.includes(filename),
    }))
    return { sources: await nameSources(nearParser, title, sources), failed: [] }
  }
  const parts = {
    groupOf: bingeGroup,
    titleFacts: async () => facts,
    availability: { of: () => ({ kind: 'remote' }) as const, recall: async () => undefined },
    sourceLists: {
      recall: async (title: Title) => (isNew ? undefined : listOf(title)),
      async list(title: Title) {
        asked.push(nameOf(title))
        return listOf(title)
      },
    },
  }
  const asker: EpisodeAsker = {
    signal: new AbortController().signal,
    askProviders: async () => undefined,
  }
  return {
    asked,
    /** `1:2` and the file's name. */
    async onFrom(title: Title, number = 0, sourceKey?: string, by: Partial<EpisodeAsker> = {}) {
      const found = await nextEpisode(parts, { title, number, sourceKey }, { ...asker, ...by })
      return found && [nameOf(found.title), found.source.filename]
    },
  }
}

const GOOD = '1080p.WEB-DL.x265-GRP'
const SMALL = '720p.WEB-DL.x264-GRP'
const show = (mark: string, kind = GOOD): string => `Show.${mark}.${kind}.mkv`

describe('the source of the next episode', () => {
  const best = show('S01E02', '2160p.WEB-DL.x265-BIG')
  const episodes = {
    '1:1': [show('S01E01'), show('S01E01', SMALL), show('S01E01', '480p.DVDRip.XviD-OLD')],
    '1:2': [show('S01E02', '720p.HDTV.x264-TWO'), show('S01E02', SMALL), best, show('S01E02')],
  }
  const { '1:1': first, '1:2': second } = episodes

  test.each([
    ['the same kind of release', 0, undefined, show('S01E02')],
    ['by its key, whatever the number says', 0, `key of ${first[1]}`, show('S01E02', SMALL)],
    ['none is like it: the first of the list', 2, undefined, best],
    ['the one that plays is unknown: the first of the list', 7, undefined, best],
  ])('%s', async (_what, number, key, expected) => {
    for (const isNew of [false, true]) {
      expect(await world({ episodes, isNew }).onFrom(at(1, 1), number, key)).toEqual([
        '1:2',
        expected,
      ])
    }
  })

  test('no release of its kind: the first in its resolution', async () => {
    const others = { ...episodes, '1:2': second.filter((name) => name !== show('S01E02', SMALL)) }
    expect(await world({ episodes: others }).onFrom(at(1, 1), 1)).toEqual([
      '1:2',
      show('S01E02', '720p.HDTV.x264-TWO'),
    ])
  })

  test('a pack goes on in its torrent, whatever its files are called', async () => {
    const files = { '1:1': [show('S01E01')], '1:2': [best, show('S01E02', SMALL)] }
    const selector = { fileIdx: 1 }
    expect(await world({ episodes: files, selector }).onFrom(at(1, 1))).toEqual(['1:2', best])
  })

  test('what its owner removed is not chosen, nor is a list asked for that is remembered', async () => {
    const { onFrom, asked } = world({ episodes, retired: [show('S01E02')] })
    expect(await onFrom(at(1, 1))).toEqual(['1:2', best])
    expect(asked).toEqual(['1:2'])
  })
})

describe('which episode is next', () => {
  const days = (season: number, episodes: number) =>
    new Map([[season, Array.from({ length: episodes }, () => '')]])
  const seasons = [0, 1, 3].map((season) => ({ season, episodes: 2, years: [] }))
  const facts = (season: number): TitleFacts => ({
    name: 'Show',
    year: 2008,
    seasons,
    days: days(season, 2),
  })
  const marks = ['0:3', '1:1', '1:2', '1:3', '2:1', '3:1', '3:2', '3:3', '4:1']
  const episodes = Object.fromEntries(marks.map((mark) => [mark, [`${mark}.mkv`]]))

  test.each([
    ['the next of the season', 1, 1, '1:2'],
    ['the first of the next season that there is', 1, 2, '3:1'],
    ['none after the last of all', 3, 2, undefined],
    ['none after the last special', 0, 2, undefined],
  ])('by the metadata: %s', async (_what, season, episode, expected) => {
    const { onFrom } = world({ episodes, facts: facts(season) })
    expect((await onFrom(at(season, episode)))?.[0]).toBe(expected)
  })

  test.each([
    ['the next that has sources', 1, 2, '1:3'],
    ['the first of the next season', 1, 3, '2:1'],
    ['of a special: the next one', 0, 2, '0:3'],
    ['none after the last one', 4, 1, undefined],
  ])('where nobody knows the series: %s', async (_what, season, episode, expected) => {
    expect((await world({ episodes }).onFrom(at(season, episode)))?.[0]).toBe(expected)
    // What counts its seasons otherwise is no help.
    const elsewhere = world({ episodes, facts: { ...facts(season), days: new Map() } })
    expect((await elsewhere.onFrom(at(season, episode)))?.[0]).toBe(expected)
  })

  test('a film has none, and no address holds more than four digits', async () => {
    const { onFrom, asked } = world({ episodes })
    expect(await onFrom(movie)).toBeUndefined()
    expect(asked).toEqual([])
    expect(await onFrom(at(9999, 9999))).toBeUndefined()
    expect(asked).toEqual(['9999:9999'])
  })

  test('who may ask for no more lists is told so, before anybody is asked', async () => {
    const { onFrom, asked } = world({ episodes, isNew: true })
    const askProviders = async () => {
      throw new Fault('TOO_MANY_REQUESTS', { retryAfterSeconds: 1 })
    }
    await expect(onFrom(at(1, 1), 0, undefined, { askProviders })).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
    })
    expect(asked).toEqual([])
  })
})
