import { expect } from '@jest/globals'
import express, { type Request, type Response } from 'express'
import fc from 'fast-check'
import { titleOfStremioId } from '../../addon/stremio-id.ts'
import { fileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import { asFault, Fault } from '../../common/errors.ts'
import { parseRange } from '../../common/range.ts'
import { parseTitle, titleId } from '../../common/title.ts'
import { createAccessCheck } from '../../server/access/access-check.ts'
import { createBaseUrl } from '../../server/http/base-url.ts'
import { hostNameOf } from '../../server/http/host.ts'
import { checkRequest } from '../../server/http/request-checks.ts'
import { bytesAnswer, cleanName } from '../../server/play/bytes-answer.ts'
import {
  matchPlay,
  PLAY_PATTERN,
  type PlayAddress,
  playAddressOf,
} from '../../server/play/parse-play.ts'
import { mutatedText, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const RANGE = [
  'bytes=',
  'Bytes=',
  'items=',
  '-',
  ',',
  ' ',
  '\t',
  '0',
  '1',
  '9',
  '99999999999999999999',
]
const HOSTS = ['a', 'b.example', '.', ':', '7000', '[::1]', '[', ']', '127.0.0.1', '_', '/', '\\']
const PATHS = [
  '/',
  '/play/movie/tt1254207/0',
  '/t/abc',
  '/health',
  '%2e%2e',
  '..',
  '?',
  '//',
  'http://a',
]

const ranges = fc.oneof(
  textOf(RANGE, 8),
  mutatedText(['bytes=0-1', 'bytes=5-', 'bytes=-5', 'bytes=0-0, ,', 'bytes=0-1,3-4'], RANGE),
)

fuzz(
  'Range: a part lies in the file, and is what RFC 9110 14.1.2 says',
  fc.property(ranges, fc.nat(20), (header, size) => {
    const answer = parseRange(header, size)
    const one = /^bytes=[\s,]*(\d*)-(\d*)[\s,]*$/i.exec(header.replace(/[^\S \t]/g, 'x'))
    const [, first = '', last = ''] = one ?? []
    if (!one || first + last === '') expect(answer).toEqual({ kind: 'whole' })
    if (answer.kind !== 'part') return
    const { start, end } = answer.range
    expect(0 <= start && start <= end && end < size).toBe(true)
    const [from, to] =
      first === ''
        ? [Math.max(0, size - Number(last)), size - 1]
        : [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)]
    expect([start, end]).toEqual([from, to])
  }),
)

fuzz(
  'Range: written in other ways it means the same',
  fc.property(
    fc.nat(30),
    fc.nat(30),
    fc.nat(30),
    textOf([' ', '\t', ',']).filter((t) => /^[ \t,]*$/.test(t)),
    (a, b, size, blanks) => {
      for (const spec of [`${a}-${b}`, `${a}-`, `-${b}`]) {
        expect(parseRange(`BYTES=${blanks}${spec}${blanks}`, size)).toEqual(
          parseRange(`bytes=${spec}`, size),
        )
      }
    },
  ),
)

fuzz(
  'Range: headers of the answer fit each other, whatever the name',
  fc.property(
    ranges,
    fc.nat(20),
    fc.string({ unit: 'binary' }),
    textOf(['"e"', 'W/', '*', ',']),
    (range, size, name, tags) => {
      const answer = bytesAnswer({ range, 'if-none-match': tags }, { name, size, etag: '"e"' })
      for (const text of Object.values(answer.headers).map(String)) {
        expect(text).toMatch(/^[\x20-\x7e]*$/)
      }
      expect(cleanName(name)).not.toMatch(/[/\\\p{Cc}]/u)
      if (answer.status !== 206) return
      const { start, end } = answer.range ?? { start: 0, end: -1 }
      expect(answer.headers['Content-Length']).toBe(end - start + 1)
      expect(answer.headers['Content-Range']).toBe(`bytes ${start}-${end}/${size}`)
    },
  ),
)

const hosts = fc.oneof(
  textOf(HOSTS, 6),
  mutatedText(['films.example:7000', '[2001:db8::1]:80'], HOSTS),
)

fuzz(
  'Host: a name is one that a URL has, with nothing beside it',
  fc.property(hosts, (text) => {
    const name = hostNameOf(text)
    if (name === undefined) return
    expect(name).toBe(name.toLowerCase())
    expect(hostNameOf(name)).toBe(name)
    expect(text.toLowerCase().startsWith(name)).toBe(true)
    expect(name).toMatch(/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/)
  }),
)

/** What Express makes of a request, as far as it is read. */
const requestOf = (url: string, headers: Record<string, string>, method = 'GET') =>
  ({
    url,
    method,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    httpVersion: '1.1',
    socket: { remoteAddress: '127.0.0.1' },
    app: { get: () => () => true },
  }) as unknown as Request

const faultOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
}

fuzz(
  'base URL: from a trusted proxy too it is an address of that host, or BAD_HOST',
  fc.property(
    hosts,
    hosts,
    textOf(['/', 'films', '.', '..', '//', '/a']),
    textOf(['https', 'http', ',', ' ', 'javascript']),
    (host, forwarded, prefix, proto) => {
      const headers = {
        host,
        'x-forwarded-host': forwarded,
        'x-forwarded-prefix': prefix,
        'x-forwarded-proto': proto,
      }
      let base = ''
      const code = faultOf(() => {
        base = createBaseUrl({ publicUrl: undefined })(requestOf('/', headers))
      })
      if (code !== undefined) return expect(code).toBe('BAD_HOST')
      expect(base).toMatch(
        /^https?:\/\/(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[\w.~-]+)*$/,
      )
      return expect(base).not.toMatch(/\/\.\.?(?:\/|$)/)
    },
  ),
)

fuzz(
  'request line: no dot segments, no control characters get in; what is refused is a Fault',
  fc.property(
    fc.oneof(
      textOf(PATHS, 6),
      mutatedText(['/play/movie/tt1254207/0?s=abc', '/a%2F..%2Fb'], PATHS),
    ),
    (path) => {
      let passed = false
      const next = () => {
        passed = true
      }
      const code = faultOf(() => checkRequest(requestOf(path, { host: 'a' }), {} as never, next))
      expect(passed).toBe(code === undefined)
      if (!passed) return
      const before = path.split('?', 1)[0] ?? ''
      if (!before.startsWith('/')) return
      expect(before.includes('%') ? decodeURIComponent(before) : '').not.toMatch(
        /[\p{Cc}--[\x80-\x9f]]/v,
      )
      expect(decodeURIComponent(before).split(/[/\\]/)).not.toContain('..')
    },
  ),
)

const PLAYS = ['/play/movie/tt1254207/0', '/play/series/tt0903747/0/1/2?s=abcdefghij', ...PATHS]

fuzz(
  'plays: an address is one, of these parts, when Express says so of the pattern',
  fc.property(fc.oneof(textOf(PLAYS, 3), mutatedText(PLAYS, [...PATHS, '?s='])), (target) => {
    const code = faultOf(() =>
      checkRequest(requestOf(target, { host: 'a' }), {} as never, () => {}),
    )
    // A fragment is never sent (RFC 9112 3.2), and what is refused gets no further.
    if (code !== undefined || target.includes('#') || !/^(?:\/|http:\/\/a\/)/.test(target)) return
    // Of any other character Express asks the URL parser of Node, which writes it another way.
    if (!/^[!-~]*$/.test(target) || target.includes('\\')) return
    let theirs: PlayAddress | undefined
    const router = express.Router({ strict: true, caseSensitive: true })
    router.get(PLAY_PATTERN, (req) => {
      theirs = playAddressOf(req)
    })
    router(requestOf(target, { host: 'a' }), {} as Response, () => {})
    expect(matchPlay(target)).toEqual(theirs)
  }),
)

fuzz(
  'tokens: without one only open addresses pass; with one the rest is a path',
  fc.property(
    fc.oneof(textOf(PATHS, 6), mutatedText(['/t/abc/play/movie/tt1254207/0', '/metrics'], PATHS)),
    (path) => {
      const token = { name: 'a', sha256: '', streams: 1, added: '' }
      const check = createAccessCheck({ find: (text) => (text === 'abc' ? token : undefined) })
      const req = requestOf(path, { host: 'a' })
      let passed = false
      const code = faultOf(() =>
        check(req, {} as never, () => {
          passed = true
        }),
      )
      expect(passed).toBe(code === undefined)
      if (code !== undefined) expect(['TOKEN_MISSING', 'TOKEN_UNKNOWN']).toContain(code)
      if (passed && req.url !== path) expect(req.url.startsWith('/')).toBe(true)
      if (passed && req.url === path)
        expect(path.split('?', 1)[0]).not.toMatch(/\/(?:play|stream|subtitles|manifest|catalog)/)
    },
  ),
)

const titles = fc.oneof(
  fc.record({ type: fc.constant('movie' as const), imdbId: fc.stringMatching(/^tt\d{7,10}$/) }),
  fc.record({
    type: fc.constant('series' as const),
    imdbId: fc.stringMatching(/^tt\d{7,10}$/),
    season: fc.nat(9999),
    episode: fc.nat(9999),
  }),
)

fuzz(
  'ids: a title and a file key are read as written; any other text is none',
  fc.property(
    titles,
    fc.stringMatching(/^[0-9a-f]{40}$/),
    fc.nat(99_999),
    textOf(['tt1254207', ':', '1', '0', '/', 'a'.repeat(40)], 8),
    (title, infoHash, fileIdx, text) => {
      expect(titleOfStremioId(title.type, titleId(title))).toEqual(title)
      expect(parseFileKey(fileKey(infoHash, fileIdx))).toEqual({ infoHash, fileIdx })
      const read = titleOfStremioId('series', text)
      if (read) expect(titleId(read)).toBe(text)
      const key = parseFileKey(text)
      if (key) expect(fileKey(key.infoHash, key.fileIdx)).toBe(text)
      const code = faultOf(() => parseTitle('movie', text, undefined, undefined))
      expect([undefined, 'BAD_IMDB_ID']).toContain(code)
    },
  ),
)

fuzz(
  'requests: time grows with the length of path, Range, Host, prefix, tags and tokens',
  fc.asyncProperty(pumpOf([...RANGE, ...HOSTS, ...PATHS]), async (pump) => {
    const check = createAccessCheck({ find: () => undefined })
    const swallow = (work: () => unknown): void => {
      try {
        work()
      } catch (error) {
        asFault(error)
      }
    }
    const works = [
      (text: string) => parseRange(`bytes=${text}`, 1000),
      (text: string) => hostNameOf(text),
      (text: string) =>
        bytesAnswer(
          { 'if-none-match': text, 'if-range': text, range: 'bytes=0-' },
          { name: text.slice(0, 1000), size: 9, etag: '"e"' },
        ),
      (text: string) =>
        swallow(() => checkRequest(requestOf(text, { host: text }), {} as never, () => {})),
      (text: string) => swallow(() => matchPlay(`/play/${text}`)),
      (text: string) => swallow(() => check(requestOf(text, {}), {} as never, () => {})),
      (text: string) =>
        swallow(() =>
          createBaseUrl({ publicUrl: undefined })(
            requestOf('/', { host: 'a', 'x-forwarded-prefix': text, 'x-forwarded-proto': text }),
          ),
        ),
    ]
    for (const work of works) expect(await worseThanLinear(work, pump)).toBeUndefined()
  }),
  1,
)
