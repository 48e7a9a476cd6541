import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { MAX_VALUE_BYTES } from '../../../../cache/index/value-size.ts'
import { createFeed, type Feed } from '../../../../sources/providers/feeds/feed.ts'
import { parseFeed } from '../../../../sources/providers/feeds/feed-format.ts'
import { endAll, outbound, serve } from '../../../common/network/outbound-stage.ts'
import {
  NIGHT,
  nightsName,
  type ProviderParts,
  SECRET,
  sourceProviderContract,
} from '../../../contracts/source-provider.ts'
import { nearParser } from '../../../support/names.ts'
import { eventually, sleep } from '../../../support/wait.ts'
import { fakeIndex, handClock, never, silent } from '../../fakes.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const NAME = 'Night of the Living Dead (1968) 720p'
const DAY = 86_400_000
const rss = (...items: string[]): string =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:torrent="http://xmlns.ezrss.it/0.1/"><channel><title>x</title>${items
    .map((item) => `<item>${item}</item>`)
    .join('')}</channel></rss>`
const entry = (more: string, title = NAME): string => `<title><![CDATA[${title}]]></title>${more}`
const hash = (value: string): string => `<torrent:infoHash>${value}</torrent:infoHash>`
const good = rss(entry(`<link>https://t.example/${SECRET}.torrent</link>`))

function openFeed(parts: ProviderParts, index = fakeIndex(), pollMs = 60_000): Feed {
  const { base, ...rest } = parts
  const url = `${base}/rss?passkey=${SECRET}`
  return createFeed({ parser: nearParser, ...rest, index, log: silent, name: 'feed', url, pollMs })
}

sourceProviderContract('a feed', {
  async find(parts, signal) {
    const feed = openFeed(parts)
    signal.addEventListener('abort', () => void feed.close())
    try {
      await feed.start()
      return await feed.find(NIGHT, signal)
    } finally {
      await feed.close()
    }
  },
  answer: (_req, res) => void res.end(good),
})

describe('a feed', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    endAll()
  })

  async function feedOn(answer: RequestListener, index = fakeIndex(), pollMs = 60_000) {
    const base = `http://127.0.0.1:${await serve(answer)}`
    const clock = handClock()
    const parts = { base, clock, outbound: outbound(), names: nightsName }
    const feed = openFeed(parts, index, pollMs)
    ends.push(() => feed.close())
    await feed.start()
    return { feed, clock }
  }

  test('is asked again with its validators, and keeps its entries when unchanged', async () => {
    const seen: unknown[] = []
    const { feed } = await feedOn(
      (req, res) => {
        seen.push([req.headers['if-none-match'], req.headers['if-modified-since']])
        const headers = { etag: '"1"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }
        if (req.headers['if-none-match'] === '"1"') res.writeHead(304).end()
        else res.writeHead(200, headers).end(good)
      },
      fakeIndex(),
      20,
    )
    await eventually('three polls', () => seen.length >= 3)
    expect(seen.slice(0, 2)).toEqual([
      [undefined, undefined],
      ['"1"', 'Wed, 21 Oct 2015 07:28:00 GMT'],
    ])
    expect(await feed.find(NIGHT, never)).toHaveLength(1)
  })

  test('keeps entries for 30 days, over restarts, and no longer', async () => {
    const index = fakeIndex()
    await feedOn((_req, res) => void res.end(good), index)
    const empty: RequestListener = (_req, res) => void res.end(rss())
    const [name] = await eventually(
      'a stored value',
      () => [...index.values.keys()][0] && [...index.values.keys()],
    )
    expect(name).not.toContain(SECRET)
    // The other start has another port: its feed is the same one for all that it knows.
    const base = 'http://127.0.0.1:1'
    const later = handClock()
    const parts = { base, clock: later, outbound: outbound(), names: nightsName }
    const stored = index.values.get(name ?? '')
    const own = fakeIndex()
    own.readValue = (async () => stored) as typeof own.readValue
    const again = openFeed(parts, own)
    ends.push(() => again.close())
    await again.start()
    expect(await again.find(NIGHT, never)).toHaveLength(1)
    later.now += 31 * DAY
    const old = openFeed(parts, own)
    ends.push(() => old.close())
    await old.start()
    await expect(old.find(NIGHT, never)).rejects.toThrow()
    const none = await feedOn(empty)
    expect(await none.feed.find(NIGHT, never)).toEqual([])
  })

  test('a guid that entries of different names share names none of them', async () => {
    const item = (at: number, name: string) =>
      entry(`<guid>site</guid><link>https://t.example/${at}.torrent</link>`, `${NAME} ${name}`)
    let polls = 0
    const { feed } = await feedOn(
      (_req, res) =>
        void res.end(
          polls++ === 0 ? rss(item(1, 'A'), item(2, 'B')) : rss(item(3, 'C'), item(4, 'D')),
        ),
      fakeIndex(),
      10,
    )
    await eventually('two polls', () => polls > 2)
    const found = await feed.find(NIGHT, never)
    expect(new Set(found.map(({ identity }) => identity)).size).toBe(4)
  })

  test('keeps no more than the index takes, the newest', async () => {
    const index = fakeIndex()
    const links = ['1', '2', '3', '4', '5', '6'].map(
      (name) =>
        `<enclosure url="https://t.example/${name}${'x'.repeat(8000)}" type="application/x-bittorrent"/>`,
    )
    let polls = 0
    const long = () =>
      rss(
        ...Array.from({ length: 40 }, (_, at) =>
          entry(`<guid>${polls}-${at}</guid>${links.join('')}`),
        ),
      )
    const { feed } = await feedOn(
      (_req, res) => {
        polls++
        res.end(long())
      },
      index,
      10,
    )
    await eventually('four polls', () => polls > 4)
    await feed.close()
    const [stored] = index.values.values()
    const { length } = JSON.stringify(stored?.value)
    expect(length).toBeGreaterThan(MAX_VALUE_BYTES * 0.9)
    expect(length).toBeLessThanOrEqual(MAX_VALUE_BYTES)
    expect(JSON.stringify(stored?.value).slice(0, 400)).toMatch(/"id":"[4-9]-0"/)
  })

  test('is left alone for as long as it asks for', async () => {
    let polls = 0
    const { feed, clock } = await feedOn(
      (_req, res) =>
        void (polls++ === 0 ? res.writeHead(429, { 'retry-after': '3600' }).end() : res.end(good)),
      fakeIndex(),
      5,
    )
    await expect(feed.find(NIGHT, never)).rejects.toThrow()
    clock.now += 3_599_000
    await sleep(100)
    expect(polls).toBe(1)
    clock.now += 1000
    await eventually('another poll', () => polls > 1)
    const found = () => feed.find(NIGHT, never).catch(() => [])
    await eventually('its entries', async () => (await found()).length === 1)
  })

  test('a poll that fails keeps the entries', async () => {
    let polls = 0
    const { feed } = await feedOn(
      (_req, res) => void (polls++ === 0 ? res.end(good) : res.writeHead(500).end()),
      fakeIndex(),
      10,
    )
    await eventually('a failed poll', () => polls > 2)
    expect(await feed.find(NIGHT, never)).toHaveLength(1)
  })

  test('gives videos as they are: lists say which of them are relayed', async () => {
    const video = (query: string) =>
      entry(`<enclosure url="https://v.example/n.mp4${query}" type="video/mp4" length="5"/>`)
    const body = rss(video('?passkey=1'), video('?a=b'))
    const { feed } = await feedOn((_req, res) => void res.end(body))
    expect((await feed.find(NIGHT, never)).map(({ locator }) => locator)).toEqual([
      { kind: 'url', url: 'https://v.example/n.mp4?passkey=1' },
      { kind: 'url', url: 'https://v.example/n.mp4?a=b' },
    ])
  })

  test('says in the log, once, that it has nothing usable', async () => {
    const told: unknown[] = []
    const log = { ...silent, warn: (_: object, text: string) => told.push(text) }
    let polls = 0
    const port = await serve((_req, res) => {
      polls++
      res.end(rss(entry('<link>https://t.example/details/1</link>')))
    })
    const feed = createFeed({
      ...{ name: 'feed', url: `http://127.0.0.1:${port}/`, pollMs: 10, log: log as never },
      ...{ parser: nearParser, clock: handClock(), outbound: outbound() },
      ...{ names: nightsName, index: fakeIndex() },
    })
    ends.push(() => feed.close())
    await feed.start()
    await eventually('three polls', () => polls > 2)
    expect(told).toEqual(['a feed names no torrent and no video'])
  })

  test('takes an anime episode without a season for the first one', async () => {
    const titles = ['[Group] Night of the Living Dead - 05 (1080p)', '[Group] Other Night - 05']
    const body = rss(...titles.map((title, at) => entry(hash(`${at}`.repeat(40)), title)))
    const { feed } = await feedOn((_req, res) => void res.end(body))
    const of = (season: number) =>
      feed.find({ type: 'series', imdbId: 'tt0063350', season, episode: 5 }, never)
    expect((await of(1)).map(({ label }) => label)).toEqual(titles.slice(0, 1))
    expect(await of(2)).toEqual([])
  })

  test('lists no other title', async () => {
    const titles = ['Night of the Living Dead 1990', 'Night of the Living Dead', 'The Night 1968']
    const body = rss(...titles.map((title) => entry(hash(HASH), title)))
    const { feed } = await feedOn((_req, res) => void res.end(body))
    expect(await feed.find(NIGHT, never)).toEqual([])
  })
})

describe('entries', () => {
  const parsed = async (item: string) =>
    (await parseFeed(rss(entry(item)), 5, 'https://t.example/feed'))[0]

  test.each<[string, string, object]>([
    ['an info hash alone', hash(HASH), { infoHash: HASH, links: [] }],
    [
      'a magnet in its link',
      `<link>magnet:?xt=urn:btih:${HASH}&amp;dn=a</link>`,
      {
        links: [`magnet:?xt=urn:btih:${HASH}&dn=a`],
      },
    ],
    [
      'a magnet in CDATA in its description',
      `<description><![CDATA[<a href="magnet:?xt=urn:btih:${HASH}">get</a> Size: 1.5 GiB]]></description>`,
      {
        links: [`magnet:?xt=urn:btih:${HASH}`],
        size: 1_610_612_736,
      },
    ],
    [
      'an enclosure',
      '<link>https://t.example/page</link><enclosure url="https://t.example/1" length="77" type="application/x-bittorrent"/>',
      {
        links: ['https://t.example/1'],
        size: 77,
      },
    ],
    [
      'a torrent element',
      `<torrent><infoHash>${HASH}</infoHash><contentLength>9</contentLength></torrent>`,
      {
        infoHash: HASH,
        size: 9,
      },
    ],
    [
      'a plain link that is the download',
      '<link>https://t.example/download.php?id=1&amp;passkey=2</link>',
      { links: ['https://t.example/download.php?id=1&passkey=2'] },
    ],
    [
      'a link encoded twice, relative to the feed',
      '<link>/rss/get/1?a=b&amp;amp;torrent_pass=2</link>',
      { links: ['https://t.example/rss/get/1?a=b&torrent_pass=2'] },
    ],
    [
      'an enclosure of any type',
      '<enclosure url="https://t.example/1" length="7" type="application/octet-stream"/>',
      { links: ['https://t.example/1'] },
    ],
    [
      'a torrent, and a picture, as media',
      '<media:content url="https://t.example/1" type="application/x-bittorrent"/><media:content url="https://t.example/get/2" type="image/webp"/>',
      { links: ['https://t.example/1'] },
    ],
    [
      'a video as media',
      '<media:content url="https://t.example/1" type="video/mp4"/>',
      { links: [], videos: ['https://t.example/1'] },
    ],
    [
      'a hash in its description',
      `<link>https://t.example/page</link><description>Size: 2 MB, Hash: ${HASH}</description>`,
      { infoHash: HASH, links: [], size: 2_000_000 },
    ],
    [
      'a hash with its name space, sizes and counts with signs',
      `<x:infoHash>urn:btih:${HASH}</x:infoHash><x:size>1.5 GiB</x:size><x:seeders>1,234</x:seeders>`,
      { infoHash: HASH, size: 1_610_612_736, seeders: 1234 },
    ],
    [
      'a magnet in content:encoded',
      `<content:encoded><![CDATA[<a href="magnet:?xt=urn:btih:${HASH}&amp;dn=a">get</a>]]></content:encoded>`,
      { links: [`magnet:?xt=urn:btih:${HASH}&dn=a`] },
    ],
  ])('%s', async (_what, item, expected) => {
    expect(await parsed(item)).toMatchObject({ title: NAME, seenAt: 5, ...expected })
  })

  test.each([
    'https://t.example/details/1',
    'https://t.example/torrent/details/one/more/page',
    'https://t.example/torrent/1.html',
  ])('a link to a web page is not a source: %s', async (page) => {
    expect(await parsed(`<link>${page}</link>`)).toBeUndefined()
  })

  test('a hash in the description of a video is that of the file', async () => {
    const video = '<enclosure url="https://t.example/1.mp4" type="video/mp4"/>'
    const read = await parsed(`${video}<description>Hash: ${HASH}</description>`)
    expect(read).toMatchObject({ videos: ['https://t.example/1.mp4'] })
    expect(read).not.toHaveProperty('infoHash')
  })

  test.each(['SHA1', 'SHA-1', 'MD5'])('a hash of a file is not a source: %s', async (kind) => {
    const description = `<description>${kind} Hash: ${HASH}</description>`
    expect(await parsed(`<link>https://t.example/page</link>${description}`)).toBeUndefined()
  })

  test('Atom with a prefix', async () => {
    const atom = `<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:id>urn:1</a:id><a:title>${NAME}</a:title>
      <a:link rel="enclosure" type="application/x-bittorrent" href="https://t.example/2"/></a:entry></a:feed>`
    expect(await parseFeed(atom, 5)).toMatchObject([
      { id: 'urn:1', title: NAME, links: ['https://t.example/2'] },
    ])
  })

  test('Atom', async () => {
    const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>${NAME}</title>
      <link rel="alternate" href="https://t.example/page"/>
      <link rel="enclosure" type="application/x-bittorrent" href="https://t.example/2"/></entry></feed>`
    expect(await parseFeed(atom, 5)).toMatchObject([
      { id: 'urn:1', links: ['https://t.example/2'] },
    ])
  })
})
