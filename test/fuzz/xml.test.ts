import { expect } from '@jest/globals'
import fc from 'fast-check'
import { Fault } from '../../common/errors.ts'
import { feedEntryShape, parseFeed } from '../../sources/providers/feeds/feed-format.ts'
import { parseXml, type XmlElement, xmlText } from '../../sources/providers/shared/xml.ts'
import {
  readCaps,
  readItems,
  torznabDocument,
} from '../../sources/providers/torznab/torznab-format.ts'
import { anyBytes, isPolluted, mutatedText, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const WORDS = [
  ...[
    '<',
    '</',
    '/>',
    '>',
    '<rss>',
    '</rss>',
    '<channel>',
    '<item>',
    '</item>',
    '<title>',
    '</title>',
    '<link>',
  ],
  ...[
    '<guid>',
    '<enclosure ',
    'url="http://a.example/x.torrent"',
    'length="9"',
    'type="video/mp4"',
    '<!DOCTYPE x [',
    '<!ENTITY a "',
  ],
  ...[
    '<torznab:attr name="size" value="',
    '"',
    '&amp;',
    '&#x41;',
    '&#0;',
    '&lol;',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<?xml',
    '?>',
  ],
  ...['magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567', 'size 9 GB', 'seeders: 5'],
]
const honest = [
  `<?xml version="1.0"?><rss xmlns:torznab="x"><channel><item><title>Film 2010</title><guid>g1</guid>
<link>http://a.example/1.torrent</link><enclosure url="http://a.example/1.torrent" length="5" type="application/x-bittorrent"/>
<torznab:attr name="seeders" value="7"/><torznab:attr name="infohash" value="0123456789abcdef0123456789abcdef01234567"/>
<description>Size: 1.5 GB magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567</description></item></channel></rss>`,
  '<feed><entry><title>Film</title><id>1</id><link rel="enclosure" type="video/mp4" href="http://a.example/f.mp4"/></entry></feed>',
  '<caps><limits max="50"/><searching><movie-search available="yes" supportedParams="q,imdbid"/></searching></caps>',
  '<error code="300" description="x"/>',
]
const texts = fc.oneof(textOf(WORDS), mutatedText(honest, WORDS))

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault && error.code === 'UPSTREAM_FAILED') return undefined
    throw error
  }
}

const depthOf = ({ children }: XmlElement): number => 1 + Math.max(0, ...children.map(depthOf))

fuzz(
  'XML: any text is elements within their limits, or UPSTREAM_FAILED; it never grows',
  fc.asyncProperty(texts, async (text) => {
    const root = await attempt(() => parseXml(text))
    expect(isPolluted()).toBe(false)
    if (!root) return
    expect(depthOf(root)).toBeLessThanOrEqual(32)
    expect(JSON.stringify(root).length).toBeLessThanOrEqual(text.length * 6 + 200)
    for (const { name } of [root, ...root.children]) expect(name).toBe(name.toLowerCase())
  }),
)

fuzz(
  'XML: what was escaped is read as it was',
  fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (text, value) => {
    const escaped = (one: string) =>
      one.replace(/[&<>"'\s]/g, (char) => `&#${char.codePointAt(0)};`)
    const root = await parseXml(`<a b="${escaped(value)}"><c>${escaped(text)}</c></a>`)
    expect([root.attributes.b, root.children[0]?.text]).toEqual([value, text])
  }),
)

fuzz(
  'XML: bytes of any charset are a text',
  fc.property(
    anyBytes,
    textOf(['text/xml; charset=', 'utf-8', 'utf-7', 'x', '"'], 4),
    (body, type) => {
      expect(typeof xmlText({ headers: { 'content-type': type }, body })).toBe('string')
    },
  ),
)

fuzz(
  'feeds: each entry can be stored and read back, whatever the text',
  fc.asyncProperty(texts, async (text) => {
    for (const entry of (await attempt(() => parseFeed(text, 5))) ?? []) {
      expect(feedEntryShape.safeParse(JSON.parse(JSON.stringify(entry))).error).toBeUndefined()
      expect(entry.links.length + entry.videos.length > 0 || entry.infoHash !== undefined).toBe(
        true,
      )
    }
  }),
)

fuzz(
  'feeds: so can an entry with any title, id and numbers',
  fc.asyncProperty(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 700 }),
    fc.string({ unit: 'grapheme', maxLength: 3000 }),
    textOf(['0', '9', '.', 'GB', 'size ', '👤', 'seeders ']),
    async (title, id, told) => {
      const plain = (one: string) => one.replace(/[&<>]/g, '')
      const entries = await parseFeed(
        `<rss><item><title>${plain(title)}</title><guid>${plain(id)}</guid><link>${honest[0]?.slice(-90, -50)}</link>
<description>${plain(told)} magnet:?xt=urn:btih:${'a'.repeat(40)}</description></item></rss>`,
        5,
      )
      for (const entry of entries) {
        expect(feedEntryShape.safeParse(JSON.parse(JSON.stringify(entry))).error).toBeUndefined()
      }
    },
  ),
)

fuzz(
  'Torznab: any text is items and numbers within their limits, or UPSTREAM_FAILED',
  fc.asyncProperty(texts, async (text) => {
    const root = await attempt(() => torznabDocument(text))
    const { limit } = readCaps(root)
    expect(limit >= 0 && limit <= 500).toBe(true)
    for (const item of readItems(root)) {
      for (const n of [item.size, item.seeders]) {
        expect(n === undefined || (Number.isSafeInteger(n) && n >= 0)).toBe(true)
      }
      expect(item.imdb ?? '1').toMatch(/^\d{1,10}$/)
      expect(item.links.every((link) => link !== '')).toBe(true)
    }
  }),
)

fuzz(
  'XML: time grows with the length, of feeds and items too',
  fc.asyncProperty(pumpOf(WORDS), async (pump) => {
    const works = [
      (text: string) =>
        attempt(() => parseFeed(`<rss><item><title>a</title><description>${text}`, 5)),
      (text: string) => attempt(async () => readItems(await torznabDocument(`<rss>${text}`))),
      (text: string) => xmlText({ headers: { 'content-type': text }, body: Buffer.from(text) }),
    ]
    for (const work of works) expect(await worseThanLinear(work, pump)).toBeUndefined()
  }),
  1,
)
