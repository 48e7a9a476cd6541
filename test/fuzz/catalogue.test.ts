import { expect } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { isImdbId } from '../../common/title.ts'
import { parseCatalogue } from '../../sources/providers/catalogue/catalogue-format.ts'
import {
  foreignJson,
  isClean,
  isPolluted,
  mutatedText,
  pumpOf,
  stringsIn,
  textOf,
} from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const KEYS = [
  ...[
    'version',
    'titles',
    'id',
    'type',
    'name',
    'year',
    'licence',
    'sources',
    'episodes',
    'packs',
    'magnet',
  ],
  ...[
    'torrent',
    'url',
    'path',
    'file',
    'fileIdx',
    'label',
    'quality',
    'size',
    'filename',
    'seasons',
    'languages',
  ],
]
const WORDS = [
  ...KEYS.map((key) => `${key}: `),
  ...[
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '1',
    '"1:2"',
    'movie',
    'series',
    'tt1254207',
    '&a',
    '*a',
    '|',
    '>',
    '!!js',
    '<<',
    '? ',
  ],
]
const catalogue = {
  version: 1,
  titles: [
    {
      id: 'tt1254207',
      type: 'movie',
      name: 'A film',
      year: 2008,
      licence: 'CC-BY-3.0',
      sources: [
        { magnet: 'magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c', fileIdx: 1 },
        { url: 'https://a.example/film.mp4', quality: '720p', size: 5, languages: ['en'] },
        { path: './film.mp4', label: 'here' },
      ],
    },
    {
      id: 'tt0000001',
      type: 'series',
      name: 'S',
      episodes: { '1:2': [{ torrent: './x.torrent' }] },
      packs: [{ torrent: 'https://a.example/p.torrent', seasons: [1] }],
    },
  ],
}
const honest = [
  JSON.stringify(catalogue),
  JSON.stringify(catalogue, undefined, 1),
  stringify(catalogue),
]

function expectGood(text: string): void {
  const { titles, problems } = parseCatalogue(text)
  const lines = text.split(/\r\n|[\r\n]/).length
  expect(isPolluted()).toBe(false)
  for (const { line, sentence } of problems) {
    expect(line >= 1 && line <= lines + 1).toBe(true)
    expect(sentence).not.toContain('\n')
  }
  for (const { id, name, licence, year, sources, episodes, packs } of titles) {
    expect(isImdbId(id)).toBe(true)
    expect(isClean(`${name}${licence}`)).toBe(true)
    expect(year === undefined || (year > 1800 && year < 2200)).toBe(true)
    const all = [...sources, ...[...episodes.values()].flat(), ...packs.map(({ source }) => source)]
    for (const { locator, facts } of all) {
      expect(stringsIn({ ...facts, languages: [] }).every(isClean)).toBe(true)
      if (locator.kind === 'url') expect(locator.url).toMatch(/^https?:\/\//)
      if (locator.kind === 'magnet') expect(locator.infoHash).toMatch(/^[0-9a-f]{40}$/)
      expect(stringsIn(locator).every((one) => !one.includes('\0'))).toBe(true)
    }
  }
}

fuzz(
  'catalogue: any text is titles within their rules, and problems with their lines',
  fc.property(fc.oneof(textOf(WORDS), mutatedText(honest, WORDS)), expectGood),
)

fuzz(
  'catalogue: so is any JSON',
  fc.property(foreignJson(KEYS), foreignJson(KEYS), (one, other) => {
    expectGood(
      JSON.stringify({ version: 1, titles: [one, { ...catalogue.titles[0], sources: [other] }] }),
    )
  }),
)

fuzz(
  'catalogue: JSON and YAML of one catalogue are read alike',
  fc.property(
    fc.array(
      fc.record({
        id: fc.stringMatching(/^tt\d{7,10}$/),
        name: fc.string(),
        year: fc.integer({ min: 1801, max: 2199 }),
      }),
      { maxLength: 4 },
    ),
    (films) => {
      const titles = films.map((film) => ({
        ...film,
        type: 'movie',
        sources: catalogue.titles[0]?.sources,
      }))
      const read = (text: string) => {
        const { titles: found, problems } = parseCatalogue(text)
        return {
          problems,
          found: found.map(({ sources, ...rest }) => ({
            ...rest,
            sources: sources.map(({ line: _, ...one }) => one),
          })),
        }
      }
      const json = read(JSON.stringify({ version: 1, titles }))
      expect(json.problems).toEqual([])
      expect(json.found).toHaveLength(films.length)
      expect(read(stringify({ version: 1, titles }, { aliasDuplicateObjects: false }))).toEqual(
        json,
      )
    },
  ),
  40,
)

fuzz(
  'catalogue: time grows with the length',
  fc.asyncProperty(pumpOf(WORDS), async (pump) => {
    expect(await worseThanLinear(parseCatalogue, pump, 1024)).toBeUndefined()
  }),
  1,
)
