import { describe, expect, test } from '@jest/globals'
import {
  MAX_SOURCES,
  parseCatalogue,
} from '../../../../sources/providers/catalogue/catalogue-format.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const MAGNET = `magnet:?xt=urn:btih:${HASH}&dn=Film`
const movie = (...sources: object[]) =>
  JSON.stringify({ version: 1, titles: [{ id: 'tt1254207', type: 'movie', sources }] })
/** Problems of a movie with one source, and how many sources were kept. */
function one(source: object) {
  const { titles, problems } = parseCatalogue(movie(source, { url: 'https://h.example/a.mp4' }))
  return { kept: (titles[0]?.sources.length ?? 0) - 1, problems: problems.map((p) => p.sentence) }
}
const problemsOf = (text: string) =>
  parseCatalogue(text).problems.map(({ line, sentence }) => `${line}: ${sentence}`)

describe('a whole catalogue', () => {
  test('reads movies, episodes and packs', () => {
    const { titles, problems } = parseCatalogue(`
version: 1
titles:
  - id: tt1254207
    type: movie
    name: Film
    year: 2008
    licence: CC0-1.0
    sources:
      - magnet: "${MAGNET}&tr=udp%3A%2F%2Ft.example%3A1&xs=http://evil"
        fileIdx: 2
        quality: 720p
      - { torrent: ./a.torrent, file: a/b.mkv, licence: other }
      - { torrent: "https://h.example/a.torrent", label: "one\\nline" }
      - { path: ./a.mp4, size: 12 }
  - id: tt0903747
    type: series
    episodes:
      "1:2": [{ url: "https://h.example/2.mp4" }]
      1:03: []
      1:4: [{ url: "https://h.example/4.mp4" }]
    packs:
      - { magnet: "${MAGNET}", seasons: [1, 2] }
`)
    expect(problems.map(({ line }) => line)).toEqual([20])
    expect(titles[0]?.sources.map(({ locator }) => locator)).toEqual([
      { kind: 'magnet', infoHash: HASH, trackers: ['udp://t.example:1'], webSeeds: [] },
      { kind: 'torrent', from: './a.torrent', remote: false },
      { kind: 'torrent', from: 'https://h.example/a.torrent', remote: true },
      { kind: 'path', path: './a.mp4' },
    ])
    expect(titles[0]?.sources.map(({ facts }) => facts)).toEqual([
      { label: 'Film', licence: 'CC0-1.0', quality: '720p' },
      { licence: 'other' },
      { label: 'one line', licence: 'CC0-1.0' },
      { licence: 'CC0-1.0', size: 12 },
    ])
    expect(titles[0]?.sources.map(({ selector }) => selector)).toEqual([
      { fileIdx: 2 },
      { file: 'a/b.mkv' },
      {},
      {},
    ])
    expect([...(titles[1]?.episodes.keys() ?? [])]).toEqual(['1:2', '1:4'])
    expect(titles[1]?.packs).toMatchObject([{ seasons: [1, 2], source: { line: 23 } }])
  })

  test('JSON is read the same, with lines', () => {
    const text = JSON.stringify(
      JSON.parse(movie({ magnet: MAGNET }, { magnet: 'nonsense' })),
      null,
      1,
    )
    const { titles, problems } = parseCatalogue(text)
    expect(titles[0]?.sources).toHaveLength(1)
    expect(problems).toEqual([{ line: 11, sentence: expect.stringContaining('magnet:?') }])
  })
})

describe('one bad source never loses the rest', () => {
  test.each<[string, object, RegExp]>([
    ['no place', { label: 'x' }, /exactly one of/],
    ['two places', { magnet: MAGNET, url: 'https://h.example/a' }, /exactly one of/],
    ['an unknown key', { magnet: MAGNET, fileidx: 1 }, /"fileidx": is not known/],
    ['a bad magnet', { magnet: 'magnet:?dn=x' }, /xt=urn:btih/],
    ['a huge magnet', { magnet: `${MAGNET}&dn=${'x'.repeat(9000)}` }, /"magnet"/],
    ['another scheme', { url: 'ftp://h.example/a' }, /http or https/],
    ['a script', { url: 'javascript:alert(1)' }, /http or https/],
    ['a relative address', { url: '/a.mp4' }, /http or https/],
    ['credentials', { url: 'https://u:p@h.example/a' }, /without user/],
    ['a line break', { url: 'https://h.example/a\r\nSet-Cookie: x' }, /http or https/],
    ['a long address', { url: `https://h.example/${'ф'.repeat(5000)}` }, /8 KiB/],
    ['a file: torrent', { torrent: 'file:///etc/passwd' }, /http or https/],
    ['a NUL in a path', { path: 'a\0.mp4' }, /"path"/],
    ['a number for a label', { magnet: MAGNET, label: 7 }, /"label"/],
    ['half an index', { magnet: MAGNET, fileIdx: 1.5 }, /"fileIdx"/],
    ['an index below 0', { magnet: MAGNET, fileIdx: -1 }, /"fileIdx"/],
    ['file and index', { magnet: MAGNET, fileIdx: 1, file: 'a' }, /not both/],
    ['a file of an address', { url: 'https://h.example/a', file: 'a' }, /belong to a magnet/],
    ['seasons of no pack', { magnet: MAGNET, seasons: [1] }, /only a pack/],
  ])('%s', (_, source, sentence) => {
    const { kept, problems } = one(source)
    expect(problems).toEqual([expect.stringMatching(sentence)])
    expect(kept).toBe(0)
  })

  test('also not a scalar, null or a list', () => {
    const { titles, problems } = parseCatalogue(
      '{version: 1, titles: [null, 7, [], {id: tt1254207, type: movie, sources: [null, 7, {url: "https://h.example/a"}]}]}',
    )
    expect(problems).toHaveLength(5)
    expect(titles[0]?.sources).toHaveLength(1)
  })
})

describe('one bad title never loses the rest', () => {
  const good = '  - {id: tt1254207, type: movie, sources: [{url: "https://h.example/a"}]}'
  test.each<[string, string, string]>([
    ['a bad id', '  - {id: 1254207, type: movie}', '3: "id" must be'],
    ['no id', '  - {type: movie}', '3: "id" must be'],
    ['a bad type', '  - {id: tt1254208, type: film}', '3: "type" must be'],
    ['no sources', '  - {id: tt1254208, type: movie}', '3: tt1254208 has no usable source'],
    [
      'sources that are no list',
      '  - {id: tt1254208, type: movie, sources: 3}',
      '3: "sources" must',
    ],
    [
      'episodes that are a list',
      '  - {id: tt1254208, type: series, episodes: []}',
      '3: "episodes" must',
    ],
    [
      'a bad episode',
      '  - {id: tt1254208, type: series, episodes: {"1x2": []}}',
      '3: "1x2" must be',
    ],
    [
      'a series with sources',
      '  - {id: tt1254208, type: series, sources: []}',
      '3: a series has no "sources"',
    ],
    ['an unknown key', '  - {id: tt1254208, type: movie, rating: 9}', '3: unknown key "rating"'],
    [
      'a pack without seasons',
      `  - {id: tt1254208, type: series, packs: [{magnet: "${MAGNET}"}]}`,
      '3: a pack needs "seasons"',
    ],
    ['an unclosed quote', '  - {id: tt1254208, type: movie, sources: [{url: "https://h}]}', ''],
    ['a stray bracket', '  - {id: tt1254208, type: movie, sources: [}]}', ''],
    ['a tab', '\t- {id: tt1254208}', ''],
  ])('%s', (_, bad, sentence) => {
    const before = parseCatalogue(`version: 1\ntitles:\n${good}\n${bad}\n`)
    expect(before.titles.map(({ id }) => id)).toContain('tt1254207')
    const found = problemsOf(`version: 1\ntitles:\n${bad}\n${good}\n`)
    expect(found.length).toBeGreaterThan(0)
    if (sentence) expect(found[0]).toContain(sentence)
  })

  test.each<[string, string]>([
    ['', '1: a catalogue is a map'],
    ['[]', '1: a catalogue is a map'],
    ['just text', '1: a catalogue is a map'],
    ['titles: []', '1: "version" must be 1'],
    ['version: 2\ntitles: []', '1: "version" must be 1'],
    ['version: 1', '1: "titles" must be a list'],
    ['version: 1\ntitles: {}', '2: "titles" must be a list'],
  ])('%j', (text, sentence) => {
    expect(problemsOf(text)[0]).toContain(sentence)
  })
})

describe('a hostile text', () => {
  test('a key that stands twice is reported, and so is an alias', () => {
    const twice = `version: 1\ntitles:\n  - id: tt1254207\n    type: movie\n    sources:\n      - url: https://h.example/a\n        url: https://h.example/b\n      - url: https://h.example/c\n`
    expect(problemsOf(twice)).toEqual(['7: the key "url" stands here twice'])
    expect(parseCatalogue(twice).titles[0]?.sources).toHaveLength(1)
    const bomb = `a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nversion: 1\ntitles: *c\n`
    expect(problemsOf(bomb)).toContain('2: aliases (*name) are not allowed here')
  })

  test.each<[string, string]>([
    ['lists', '['.repeat(2_000_000)],
    ['maps', '{a: '.repeat(300_000)],
  ])('of deep %s is refused before it is parsed', (_, deep) => {
    expect(problemsOf(deep)).toEqual(['1: brackets are nested deeper than 32 levels'])
  })

  test.each(['- ', '? '])('of very many %j is refused', (mark) => {
    expect(problemsOf(`version: 1\ntitles: ${mark.repeat(20_000)}`).length).toBeGreaterThan(0)
  })

  test('may hold brackets in its texts', () => {
    const sources = [{ url: 'https://h.example/a', label: '[[[[{{{{'.repeat(10) }]
    expect(problemsOf(movie(...sources))).toEqual([])
  })

  test('with very many keys or sources is read within the limits', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join()
    expect(problemsOf(`{"version":1,"titles":[],${keys}}`)).toEqual([])
    const sources = Array.from({ length: MAX_SOURCES + 5 }, (_, i) => ({
      url: `https://h.example/${i}`,
    }))
    const { titles, problems } = parseCatalogue(movie(...sources))
    expect(titles[0]?.sources).toHaveLength(MAX_SOURCES)
    expect(problems[0]?.sentence).toContain('only the first 500')
  })
})
