import { describe, expect, test } from '@jest/globals'
import { analyse } from 'scslre'
import { slowOnes } from '../support/ratio.ts'
import { hostileTexts, madePatterns, ourPatterns, type Pattern, patternsOf } from './patterns.ts'

/**
 * No pattern takes more than linear time, whatever it reads: every one is searched for the shapes that
 * do (scslre, which eslint-plugin-regexp uses), and run on hostile texts that grow.
 */

/** Characters of a hostile text. */
const LENGTH = 8_000

/** Packages that see what strangers send, in the main process or the engine; what each sees. */
const AT_THE_DOOR: Readonly<Record<string, string>> = {
  accepts: 'Accept headers',
  bencode: 'torrent files, tracker answers, extension messages',
  'bittorrent-dht': 'DHT messages',
  chardet: 'subtitle files',
  'content-disposition': 'file names',
  'content-type': 'Content-Type',
  encodeurl: 'paths',
  entities: 'XML of indexers and feeds',
  express: 'requests',
  finalhandler: 'requests',
  forwarded: 'X-Forwarded-For',
  fresh: 'If-None-Match, Cache-Control',
  htmlparser2: 'XML of indexers and feeds',
  ioredis: 'values that others wrote',
  'ipaddr.js': 'addresses',
  'magnet-uri': 'magnets, rewritten by us',
  'media-typer': 'Content-Type',
  negotiator: 'Accept headers',
  'parse-torrent': 'torrent files, checked by us',
  parseurl: 'paths and queries',
  'path-to-regexp': 'paths',
  'pino-http': 'headers',
  'proxy-addr': 'X-Forwarded-For',
  qs: 'queries',
  router: 'paths',
  send: 'paths',
  'serve-static': 'paths',
  'stremio-addon-sdk': 'ids and extra arguments',
  'type-is': 'Content-Type',
  vary: 'headers',
  webtorrent: 'peers, torrents',
  yaml: 'catalogues',
  zod: 'answers of addons',
}

/** Flagged ones of packages that no hostile text reaches, with the reason. */
const UNREACHED: Readonly<Record<string, string>> = {
  'ipaddr.js/lib/ipaddr.js /%.+$/':
    'only for addresses with a zone, at most 45 characters pass before it',
  'qs/dist/qs.js /[0-9](?=(?:[0-9]{3})+(?![0-9]))/': 'the bundle for browsers',
  'yaml/dist/errors.js /[\\n\\r]+$/': 'of the few characters of a line that an error shows',
  'yaml/dist/stringify/stringifyString.js /\\n+(?!\\n|$)/': 'nothing is written as YAML',
  'yaml/dist/stringify/stringifyString.js /(?:^|\\n)([\\t ].*)(?:([\\n\\t ]*)\\n(?![\\n\\t ]))?/':
    'nothing is written as YAML',
  'yaml/dist/schema/yaml-1.1/timestamp.js /000000\\d*$/': 'nothing is written as YAML',
  'yaml/dist/compose/resolve-flow-scalar.js /[ \\t]+$/': 'only where V8 has no look-behind',
  'yaml/dist/compose/resolve-flow-scalar.js /^[ \\t]+|[ \\t]+$/':
    'only where V8 has no look-behind',
  'zod/v4/core/util.js /^-+|-+$/': 'slugify, which no schema of ours uses',
  'zod/v4/core/util.cjs /^-+|-+$/': 'slugify, which no schema of ours uses',
  'router/lib/layer.js /\\/+$/': 'of the paths that routes are declared with',
}

const shown = ({ file, line, source, flags }: Pattern): string =>
  `${file}:${line} /${source}/${flags}`

function countMatches(pattern: RegExp, text: string): number {
  let count = 0
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match; match = pattern.global ? pattern.exec(text) : null) {
    count++
    // An empty match stays where it is.
    if (match[0] === '') pattern.lastIndex++
  }
  return count
}

/** Sentences about shapes that take more than linear time; none for a good pattern. */
function flaws(pattern: Pattern): string[] {
  const { reports } = analyse({ source: pattern.source, flags: pattern.flags }, { maxReports: 1 })
  return reports.map(({ type }) => `${shown(pattern)}: ${type}`)
}

describe('patterns of the source', () => {
  const patterns = ourPatterns()

  test('are found', () => expect(patterns.length).toBeGreaterThan(200))

  test('have no shape that takes more than linear time', () => {
    expect(patterns.flatMap(flaws)).toEqual([])
  })

  test('take about as long for a long text as one that matches each of its characters', async () => {
    const texts = hostileTexts(LENGTH)
    const run = (pattern: RegExp, text: string) => (): void => void countMatches(pattern, text)
    const works = patterns.flatMap((pattern) => {
      const compiled = new RegExp(pattern.source, pattern.flags.replace('y', ''))
      return texts.map((text, at) => [`${shown(pattern)} ${at}`, run(compiled, text)] as const)
    })
    const each = run(/./gs, 'a'.repeat(LENGTH))
    // Quadratic time would be LENGTH / 2 steps for each character: hundreds of times as much.
    expect(await slowOnes(new Map(works), each, 30)).toEqual([])
    const quadratic = new Map([['trailing blanks', run(/ +$/, `${' '.repeat(LENGTH)}x`)]])
    expect(await slowOnes(quadratic, each, 30)).toEqual([expect.stringContaining('trailing')])
  }, 240_000)

  test('that are put together while running are these', () => {
    const files = Object.entries(Object.groupBy(madePatterns(), (file) => file))
    expect(Object.fromEntries(files.map(([file, all]) => [file, all?.length]))).toEqual({
      // Names of credentials in a fixed list, and the operator's own secrets, escaped.
      'common/secrets/credentials.ts': 3,
      'common/secrets/secrets.ts': 1,
      'config/secrets.ts': 1,
      // Of the builder of packages: no stranger's text.
      'scripts/package/bundle.ts': 1,
      // Fixed texts.
      'server/access/access-check.ts': 2,
      'server/http/request-checks.ts': 1,
      'sources/providers/shared/stated-facts.ts': 2,
      // Fixed words, in the worker, of a name that is cut before.
      'sources/names/mark-reader.ts': 1,
      // Letters of titles alone, with a blank between them or none.
      'sources/providers/library/title-words.ts': 1,
    })
  })
})

test.each(Object.keys(AT_THE_DOOR))(
  'patterns of %s have no such shape, or are not reached',
  (name) => {
    const bad = patternsOf(name).filter((pattern) => flaws(pattern).length > 0)
    const open = bad.filter(({ file, source }) => !(`${file} /${source}/` in UNREACHED))
    expect(open.map(shown)).toEqual([])
  },
)
