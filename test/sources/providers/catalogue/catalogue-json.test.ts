import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseCatalogue } from '../../../../sources/providers/catalogue/catalogue-format.ts'
import { titlesOfJson } from '../../../../sources/providers/catalogue/catalogue-json.ts'

const magnet = (n: number) => `magnet:?xt=urn:btih:${n.toString(16).padStart(40, '0')}`
const film = (n: number, more: object = {}) => ({
  ...{ id: `tt${1_000_000 + n}`, type: 'movie', name: `Film {${n}] "quoted" \\` },
  ...{ sources: [{ magnet: magnet(n) }, { magnet: magnet(n + 1), label: 'b' }] },
  ...more,
})
const catalogue = (...titles: unknown[]) => ({ version: 1, titles })

/** A comment is no JSON: the same text is then read as a whole, one line further down. */
function readWhole(text: string) {
  expect(titlesOfJson(`# a comment\n${text}`)).toBeUndefined()
  return parseCatalogue(`# a comment\n${text}`)
}

/** Lines count from where a title begins in the text; problems come in the order of their titles. */
const oneLineUp = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, one) => {
      if (one instanceof Map) return [...one]
      return key === 'line' ? one - 1 : one
    }),
  )
const asRead = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (one instanceof Map ? [...one] : one)))

test.each([
  ['films', catalogue(film(1), film(2))],
  ['none', catalogue()],
  [
    'a series',
    catalogue({
      ...{ id: 'tt2000000', type: 'series', name: 'S' },
      episodes: { '1:2': [{ magnet: magnet(7) }], '1:03': [{ magnet: magnet(8) }] },
      packs: [{ magnet: magnet(9), seasons: [1, 2] }],
    }),
  ],
  [
    'mistakes',
    catalogue(film(1), film(2, { id: 'tt1' }), film(3, { genre: 'x' }), film(4, { sources: [{}] })),
  ],
])('title by title it says what the whole says: %s', (_, value) => {
  for (const space of [0, 2, '\t']) {
    const text = JSON.stringify(value, undefined, space)
    expect(titlesOfJson(text)).toHaveLength(value.titles.length)
    expect(asRead(parseCatalogue(text))).toEqual(oneLineUp(readWhole(text)))
  }
})

test('equal keys in a title are told, with their line', () => {
  const text = `{"version":1,"titles":[\n${JSON.stringify(film(1))},\n{"id":"tt1000002","id":"tt1000003",
    "type":"movie","sources":[{"magnet":"${magnet(2)}"}]}]}`
  expect(titlesOfJson(text)).toHaveLength(2)
  expect(parseCatalogue(text).problems).toEqual([
    { line: 3, sentence: 'the key "id" stands here twice' },
  ])
})

describe('is read as a whole', () => {
  test.each([
    ['YAML', 'version: 1\ntitles: []'],
    ['no version', '{"titles":[]}'],
    ['another version', '{"version":2,"titles":[]}'],
    ['no list', '{"version":1,"titles":{}}'],
    ['a title that is no map', '{"version":1,"titles":[{},null]}'],
    ['titles twice', '{"version":1,"titles":[{}],"titles":[{}]}'],
    ['the version twice', '{"version":1,"version":1,"titles":[]}'],
    ['something behind them', '{"version":1,"titles":[{}],"more":[{}]}'],
    ['nothing', ''],
    ['broken', '{"version":1,"titles":[{]}'],
  ])('%s', (_, text) => {
    expect(titlesOfJson(text)).toBeUndefined()
  })
})

test('whatever a title holds, it is cut out whole', () => {
  const maps = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 })
  fc.assert(
    fc.property(maps, fc.constantFrom(0, 1), (titles, space) => {
      const text = JSON.stringify({ version: 1, titles }, undefined, space)
      const cut = titlesOfJson(text)?.map((one) => JSON.parse(one.text))
      expect(cut).toEqual(JSON.parse(JSON.stringify(titles)))
    }),
  )
})
