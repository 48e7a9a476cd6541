import { expect } from '@jest/globals'
import fc from 'fast-check'
import { Fault } from '../../common/errors.ts'
import { isForeignUrl, WEB } from '../../common/network/foreign-url.ts'
import { storableSourceList } from '../../sources/lists/fit-source-list.ts'
import type { StoredSourceList } from '../../sources/lists/source-list-entry.ts'
import { readStoredSourceList } from '../../sources/lists/stored-source-list.ts'
import {
  offersStreams,
  readAddonManifest,
  readStream,
} from '../../sources/providers/addons/addon-format.ts'
import { freshnessOf, jsonOf, refusal } from '../../sources/providers/shared/foreign-answer.ts'
import { statedFacts } from '../../sources/providers/shared/stated-facts.ts'
import { torrentPlace } from '../../sources/providers/shared/torrent-link.ts'
import type { Source } from '../../sources/source.ts'
import { sourceKey } from '../../sources/source-key.ts'
import { anyBytes, foreignJson, isClean, isPolluted, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const KEYS = [
  ...[
    'name',
    'title',
    'description',
    'infoHash',
    'fileIdx',
    'url',
    'sources',
    'announce',
    'behaviorHints',
    'subtitles',
    'lang',
  ],
  ...[
    'filename',
    'videoSize',
    'proxyHeaders',
    'request',
    'response',
    'types',
    'idPrefixes',
    'resources',
    'stream',
  ],
  ...[
    'version',
    'usedAt',
    'entries',
    'key',
    'listed',
    'retired',
    'source',
    'locator',
    'kind',
    'selector',
    'provider',
  ],
]
const FACTS = [
  '💾',
  'size',
  ' ',
  ':',
  '9',
  '1.5',
  '1,234',
  'GB',
  'MiB',
  'kb',
  '👤',
  'seeders',
  '🌱',
  '1080p',
  '4k',
  '\n',
]
const HASH = '0123456789abcdef0123456789abcdef01234567'
/** As the outbound guard has it, beside its rules for addresses. */
const mayRedirect = (url: string): boolean => isForeignUrl(url, WEB)
const json = foreignJson(KEYS)

/** A stream with honest parts, so that what is hostile in the others gets through. */
const streams = fc.record(
  {
    name: fc.oneof(textOf(FACTS), json),
    title: fc.oneof(textOf(FACTS), json),
    description: fc.oneof(textOf(FACTS), json),
    infoHash: fc.oneof(fc.constant(HASH), json),
    fileIdx: fc.oneof(fc.nat(70_000), json),
    url: fc.oneof(fc.constantFrom('https://a.example/f.mp4', `magnet:?xt=urn:btih:${HASH}`), json),
    sources: fc.oneof(fc.array(textOf(['tracker:', 'dht:', 'udp://t.example:80', HASH], 3)), json),
    subtitles: fc.oneof(
      fc.array(
        fc.record({
          url: fc.oneof(textOf(['https://a.example/', 'me:p@', 'x.srt', '?token=1'], 3), json),
          lang: fc.oneof(textOf(['eng', 'pt-BR', ' ', 'English'], 2), json),
        }),
      ),
      json,
    ),
    behaviorHints: fc.oneof(
      fc.record(
        {
          filename: fc.oneof(textOf(FACTS), json),
          videoSize: fc.oneof(fc.maxSafeInteger(), json),
          proxyHeaders: fc.oneof(
            fc.record({
              request: fc.dictionary(textOf(['X-A', '__proto__', ':'], 2), textOf(['v', ' '], 3)),
            }),
            json,
          ),
        },
        { requiredKeys: [] },
      ),
      json,
    ),
  },
  { requiredKeys: [] },
)

function listOf(source: Source): StoredSourceList {
  return { usedAt: 1, entries: [{ key: sourceKey(source), listed: true, retired: false, source }] }
}

fuzz(
  'addons: any stream is none, or a clean source that a source list gives back as it was',
  fc.property(fc.oneof(streams, json), (given) => {
    const value = JSON.parse(JSON.stringify(given) ?? 'null')
    const source = readStream(value, 'addon', mayRedirect)?.source
    expect(isPolluted()).toBe(false)
    if (!source) return
    const { label = '', filename = '', quality = '', size = 1, seeders = 0 } = source
    expect([label, filename, quality].filter((text) => !isClean(text))).toEqual([])
    expect(Number.isSafeInteger(size) && size > 0 && Number.isSafeInteger(seeders)).toBe(true)
    const written = JSON.parse(JSON.stringify(storableSourceList(listOf(source))))
    const [entry] = readStoredSourceList(written)?.entries ?? []
    expect(entry?.key).toBe(sourceKey(source))
    expect(entry?.source).toEqual(JSON.parse(JSON.stringify(source)))
  }),
)

fuzz(
  'addons: any JSON is a manifest or none',
  fc.property(
    fc.oneof(
      json,
      fc.record(
        { resources: fc.array(json), types: json, idPrefixes: json },
        { requiredKeys: ['resources'] },
      ),
    ),
    (given) => {
      const manifest = readAddonManifest(given)
      if (manifest)
        expect(typeof offersStreams(manifest, { type: 'movie', imdbId: 'tt1254207' })).toBe(
          'boolean',
        )
      expect(isPolluted()).toBe(false)
    },
  ),
)

fuzz(
  'source lists: any JSON is none, or one that is written and read the same',
  fc.property(json, fc.array(json, { maxLength: 3 }), (one, entries) => {
    for (const value of [one, { version: 1, usedAt: 5, entries }]) {
      const list = readStoredSourceList(value)
      if (list)
        expect(readStoredSourceList(JSON.parse(JSON.stringify(storableSourceList(list))))).toEqual(
          list,
        )
    }
  }),
)

fuzz(
  'answers: a body is JSON or UPSTREAM_FAILED; headers give a time that is one',
  fc.asyncProperty(
    anyBytes,
    textOf(['max-age', '=', 'no-store', ',', ' ', '"', 'Fri, 27 Nov 2026 10:00:00 GMT']),
    fc.integer({ min: 100, max: 599 }),
    async (body, text, status) => {
      const answer = {
        status,
        body,
        headers: { 'retry-after': text, 'cache-control': text },
        url: '',
      }
      try {
        await jsonOf(answer)
      } catch (error) {
        expect(error).toBeInstanceOf(Fault)
      }
      const seconds = refusal(answer).details.retryAfterSeconds ?? 1
      expect(seconds > 0 && seconds <= 86_400).toBe(true)
      expect(freshnessOf(answer) ?? 0).toBeGreaterThanOrEqual(0)
    },
  ),
)

fuzz(
  'answers: JSON is read as it is, but for what comes late in its lists',
  fc.asyncProperty(
    fc.json({ depthSize: 'large', maxDepth: 20 }),
    fc.nat(4),
    async (text, spaces) => {
      const given = JSON.stringify(JSON.parse(text), undefined, spaces)
      expect(await jsonOf({ body: Buffer.from(given) })).toEqual(JSON.parse(given))
      const late = JSON.stringify({
        list: [...Array(2000).fill(0), ...Array(9).fill(given)],
        given,
      })
      const read = { list: Array(2000).fill(0), given }
      expect(await jsonOf({ body: Buffer.from(late) })).toEqual(read)
    },
  ),
)

fuzz(
  'links: any are a place to fetch the torrent from, or none',
  fc.property(
    fc.array(textOf(['magnet:?xt=urn:btih:', HASH, 'https://a.example/', 'x.torrent'], 4)),
    fc.option(textOf([HASH], 2), { nil: undefined }),
    (links, infoHash) => {
      const place = torrentPlace({ links, infoHash, entry: 'e' }, mayRedirect)
      if (place?.locator.kind === 'magnet') expect(place.locator.infoHash).toMatch(/^[0-9a-f]{40}$/)
      if (place?.locator.kind === 'torrent') expect(mayRedirect(place.locator.from)).toBe(true)
    },
  ),
)

fuzz(
  'stated facts: numbers are exact ones',
  fc.property(textOf(FACTS), (text) => {
    const { size = 1, seeders = 0 } = statedFacts(text)
    expect(Number.isSafeInteger(size) && size > 0).toBe(true)
    expect(Number.isSafeInteger(seeders) && seeders >= 0).toBe(true)
  }),
)

fuzz(
  'addons: time grows with the length of texts',
  fc.asyncProperty(pumpOf([...FACTS, 'tracker:', 'magnet:?xt=']), async (pump) => {
    const works = [
      (text: string) =>
        readStream({ infoHash: HASH, title: text, name: text, sources: [text] }, 'a', mayRedirect),
      (text: string) => readStream({ url: text, description: text }, 'a', mayRedirect),
      (text: string) => freshnessOf({ headers: { 'cache-control': text } }),
      statedFacts,
    ]
    for (const work of works) expect(await worseThanLinear(work, pump)).toBeUndefined()
  }),
  1,
)
