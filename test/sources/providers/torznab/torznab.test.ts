import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import type { TitleNames } from '../../../../sources/providers/shared/cinemeta.ts'
import { createTorznab } from '../../../../sources/providers/torznab/torznab.ts'
import { endAll, lines, outbound, serve } from '../../../common/network/outbound-stage.ts'
import {
  NIGHT,
  nightsName,
  type ProviderParts,
  SECRET,
  sourceProviderContract,
} from '../../../contracts/source-provider.ts'
import { nearParser } from '../../../support/names.ts'
import { handClock, never } from '../../fakes.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const BASE32 = '3WBFL3G4PSSV7MF37AJSHWDQMLNR63I4'
const CAPS = `<?xml version="1.0"?><caps><server title="x"/><limits max="50" default="25"/>
  <searching><search available="yes" supportedParams="q"/>
  <movie-search available="yes" supportedParams="q,imdbid"/>
  <tv-search available="yes" supportedParams="q,season,ep,imdbid"/></searching>
  <categories><category id="2000" name="Movies"/></categories></caps>`
const rss = (...items: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:torznab="http://torznab.com/schemas/2015/feed"><channel>${items.map((item) => `<item>${item}</item>`).join('')}</channel></rss>`
const attr = (name: string, value: string | number): string =>
  `<torznab:attr name="${name}" value="${value}"/>`
const NAME = '<title>Night.of.the.Living.Dead.1968.1080p.BluRay.x264-GRP</title>'

/** An indexer: caps, and results by what `t` asks for. */
function indexer(results: (query: URLSearchParams) => string, caps = CAPS): RequestListener {
  return (req, res) => {
    const { searchParams } = new URL(req.url ?? '', 'http://x')
    res.setHeader('content-type', 'application/xml')
    if (searchParams.get('apikey') !== SECRET) {
      res.end('<error code="100" description="Incorrect user credentials"/>')
    } else res.end(searchParams.get('t') === 'caps' ? caps : results(searchParams))
  }
}
const find = ({ base, ...parts }: ProviderParts, signal: AbortSignal, title: Title = NIGHT) =>
  createTorznab({
    parser: nearParser,
    ...parts,
    name: 'indexer',
    url: `${base}/api?apikey=${SECRET}`,
  }).find(title, signal)
const linked = `${NAME}<link>http://tracker.example/dl?passkey=${SECRET}</link>`

sourceProviderContract('Torznab', { find, answer: indexer(() => rss(linked)) })

describe('Torznab', () => {
  afterEach(endAll)

  test('an id that IMDb does not have is not asked for', async () => {
    const own: Title = { type: 'movie', imdbId: 'tt9912345678' }
    const nobody: TitleNames = { find: async () => undefined, close: () => undefined }
    const { queries, sources } = await ask(() => rss(linked), own, CAPS, nobody)
    expect([queries, sources]).toEqual([[], []])
  })

  async function ask(
    results: (query: URLSearchParams) => string,
    title = NIGHT,
    caps = CAPS,
    names: TitleNames = nightsName,
  ) {
    const queries: string[] = []
    const answer = indexer((query) => {
      query.delete('apikey')
      queries.push(query.toString())
      return results(query)
    }, caps)
    const base = `http://127.0.0.1:${await serve(answer)}`
    const parts = { base, outbound: outbound(), clock: handClock(), names }
    return { sources: await find(parts, never, title), queries }
  }
  test('what an indexer can do is read again each day', async () => {
    const clock = handClock()
    const asked: string[] = []
    let caps: string | undefined = '<caps/>'
    const base = `http://127.0.0.1:${await serve((req, res) => {
      const { searchParams } = new URL(req.url ?? '', 'http://x')
      asked.push(searchParams.get('t') ?? '')
      if (searchParams.get('t') !== 'caps') res.end(rss(linked))
      else if (caps === undefined) res.writeHead(503).end()
      else res.end(caps)
    })}`
    const provider = createTorznab({
      ...{ parser: nearParser, outbound: outbound(), clock, names: nightsName },
      ...{ name: 'indexer', url: `${base}/api?apikey=${SECRET}` },
    })
    const askedFor = async (hours: number): Promise<string> => {
      clock.now += hours * 3_600_000
      asked.length = 0
      expect(await provider.find(NIGHT, never)).toHaveLength(1)
      return asked.join(' ')
    }
    expect(await askedFor(0)).toBe('caps search')
    caps = CAPS
    expect(await askedFor(23)).toBe('search')
    // It has learnt to search by ids meanwhile.
    expect(await askedFor(1)).toBe('caps movie')
    expect(await askedFor(23)).toBe('movie')
    // What it could before counts where it does not say; an hour later it is asked again.
    caps = undefined
    expect(await askedFor(1)).toBe('caps movie')
    expect(await askedFor(0.9)).toBe('movie')
    expect(await askedFor(0.1)).toBe('caps movie')
    caps = '<caps/>'
    expect(await askedFor(1)).toBe('caps search')
    expect(await askedFor(23)).toBe('search')
  })

  const places = async (...items: string[]) =>
    (await ask(() => rss(...items))).sources.map(({ locator }) => locator)

  test('asks by id where that is supported, within the indexer’s limits', async () => {
    const { queries } = await ask(() => rss(linked))
    expect(queries).toEqual(['t=movie&cat=2000&imdbid=tt0063350&extended=1&limit=50'])
  })

  test('asks by name when the id finds nothing, or cannot be asked for', async () => {
    const { queries } = await ask(() => rss())
    expect(queries.map((query) => new URLSearchParams(query).get('q'))).toEqual([
      null,
      'Night of the Living Dead 1968',
    ])
    const bare = await ask(() => rss(linked), NIGHT, '<caps><searching/></caps>')
    expect(bare.queries).toHaveLength(1)
    expect(bare.queries[0]).toContain('t=search')
    expect(bare.sources).toHaveLength(1)
  })

  test('asks for an episode with its season; keeps the episode and its season’s pack', async () => {
    const episode: Title = { type: 'series', imdbId: 'tt1748166', season: 1, episode: 2 }
    const names = { ...nightsName, find: async () => ({ name: 'Pioneer One', year: 2010 }) }
    const items = ['S01E02 720p', 'S01 Complete', 'S01E03 720p', 'S02', '2010 Documentary'].map(
      (rest, at) =>
        `<title>Pioneer.One.${rest}</title><size>900</size>${attr('infohash', `${at}`.repeat(40))}`,
    )
    const { sources, queries } = await ask(() => rss(...items), episode, CAPS, names)
    expect(queries[0]).toContain('t=tvsearch&cat=5000&imdbid=tt1748166&season=1&ep=2')
    expect(sources.map(({ label, size }) => [label, size])).toEqual([
      ['Pioneer.One.S01E02 720p', 900],
      ['Pioneer.One.S01 Complete', undefined],
    ])
  })

  describe('packs', () => {
    const episode = (season: number, number: number): Title => ({
      ...{ type: 'series', imdbId: 'tt1748166' },
      ...{ season, episode: number },
    })
    const names = { ...nightsName, find: async () => ({ name: 'Pioneer One', year: 2010 }) }
    const item = (title: string, at: number) =>
      `<title>${title}</title>${attr('infohash', `${at}`.repeat(40))}`

    test('of the season and of the series are asked for once a season', async () => {
      const queries: URLSearchParams[] = []
      const answer = indexer((query) => {
        queries.push(query)
        if (query.has('ep')) return rss()
        return query.has('season')
          ? rss(item('Pioneer.One.S01.1080p', 1), item('Pioneer.One.S02.1080p', 2))
          : rss(item('Pioneer.One.S01-S02.1080p', 3), item('Pioneer.One.S01.1080p', 1))
      })
      const base = `http://127.0.0.1:${await serve(answer)}`
      const provider = createTorznab({
        ...{ parser: nearParser, outbound: outbound(), clock: handClock(), names },
        ...{ name: 'indexer', url: `${base}/api?apikey=${SECRET}` },
      })
      const labels = async (title: Title) =>
        (await provider.find(title, never)).map(({ label }) => label)
      const both = ['Pioneer.One.S01.1080p', 'Pioneer.One.S01-S02.1080p']
      expect(await labels(episode(1, 2))).toEqual(both)
      expect(await labels(episode(1, 3))).toEqual(both)
      const packs = queries.filter((query) => !query.has('ep'))
      expect(packs.map((query) => query.get('season')).sort()).toEqual([null, '1'].sort())
      expect(await labels(episode(2, 1))).toEqual(['Pioneer.One.S02.1080p', both[1]])
    })

    test('that cannot be asked for cost the episode nothing', async () => {
      const results = (query: URLSearchParams): string =>
        query.has('ep') ? rss(item('Pioneer.One.S01E02.1080p', 1)) : '<error code="900"/>'
      const { sources } = await ask(results, episode(1, 2), CAPS, names)
      expect(sources.map(({ label }) => label)).toEqual(['Pioneer.One.S01E02.1080p'])
    })

    test('fansubs are asked for by number, and listed in the season that the metadata has', async () => {
      const seasons = [12, 12].map((episodes, at) => ({ season: at + 1, episodes, years: [] }))
      const facts = { name: 'Pioneer One', year: 2010, countries: ['jp'], seasons }
      const counted = { ...nightsName, find: async () => facts }
      const items = ['- 05', '- 17', 'S2 - 05', '- 29'].map((rest, at) =>
        item(`[Group] Pioneer One ${rest} [1080p]`, at),
      )
      const { sources, queries } = await ask(() => rss(...items), episode(2, 5), '<caps/>', counted)
      expect(sources.map(({ label }) => label)).toEqual([
        '[Group] Pioneer One - 17 [1080p]',
        '[Group] Pioneer One S2 - 05 [1080p]',
      ])
      expect(queries.length).toBeGreaterThan(0)
    })
  })

  describe('a search by id', () => {
    const named = (name: string, at: number) =>
      `<title>${name}</title>${attr('infohash', `${at}`.repeat(40))}`
    const labels = async (...items: string[]) =>
      (await ask(() => rss(...items))).sources.map(({ label }) => label)
    const foreign = named('La.noche.de.los.muertos.1968.1080p', 1)

    test('finds the title under another name, by its year', async () => {
      expect(await labels(foreign)).toEqual(['La.noche.de.los.muertos.1968.1080p'])
      expect(await labels(named('La.noche.de.los.muertos.1080p', 1))).toEqual([])
    })

    test('is not believed when the answer also has something else', async () => {
      expect(await labels(foreign, named('Some.Other.Film.2011.720p', 2))).toEqual([])
      expect(await labels(foreign, named('Some.Show.S01E01.720p', 2))).toEqual([])
    })
  })

  test('attributes with any prefix, links relative to the indexer or encoded twice', async () => {
    const odd = `${NAME}<link>/dl/1?a=b&amp;amp;c=d</link><x:attr name="seeders" value="3"/>`
    const { sources } = await ask(() => rss(odd))
    const from = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/dl\/1\?a=b&c=d$/)
    expect(sources).toMatchObject([{ locator: { kind: 'torrent', from }, seeders: 3 }])
  })

  test('names that are encoded twice', async () => {
    const twice = NAME.replace('the', 't&amp;#104;e')
    const { sources } = await ask(() => rss(twice + attr('infohash', HASH)))
    expect(sources).toMatchObject([
      { label: 'Night.of.the.Living.Dead.1968.1080p.BluRay.x264-GRP' },
    ])
  })

  test('takes a magnet before a .torrent before a bare hash, hex or base32', async () => {
    const magnet = `magnet:?xt=urn:btih:${HASH}&amp;tr=udp%3A%2F%2Ft.example%3A1`
    const dl = '<link>http://t.example/dl/1</link>'
    const ofMagnet = {
      kind: 'magnet',
      infoHash: HASH,
      trackers: ['udp://t.example:1'],
      webSeeds: [],
    }
    expect(
      await places(
        NAME + dl + attr('magneturl', magnet),
        `${NAME}<guid>${magnet}</guid>`,
        `${NAME}<link>${magnet}</link>`,
        `${NAME}<enclosure url="${magnet}" length="1" type="application/x-bittorrent"/>`,
        NAME + dl + attr('infohash', HASH.toUpperCase()),
        NAME + attr('infohash', BASE32),
        NAME + dl,
      ),
    ).toEqual([
      ofMagnet,
      ofMagnet,
      ofMagnet,
      ofMagnet,
      { kind: 'torrent', from: 'http://t.example/dl/1', infoHash: HASH },
      { ...ofMagnet, trackers: [], infoHash: expect.stringMatching(/^dd8255ecdc7c/) },
      { kind: 'torrent', from: 'http://t.example/dl/1' },
    ])
  })

  test('leaves out Usenet, items without a link, and other titles', async () => {
    const nzb = `${NAME}<link>http://x.example/1.nzb</link><enclosure url="http://x.example/1" type="application/x-nzb"/>`
    const other = '<title>Night of the Living Dead 1990 720p</title>'
    const wrongId = NAME + attr('infohash', HASH) + attr('imdb', '0100258')
    expect(
      await places(nzb, NAME, other + attr('infohash', HASH), wrongId, `<title></title>${linked}`),
    ).toEqual([])
    const right = '<title>La noche de los muertos</title>'
    expect(await places(right + attr('infohash', HASH) + attr('imdb', 'tt0063350'))).toHaveLength(1)
  })

  test('a result found by id may lack its year or have the next one; one found by name may not', async () => {
    const named = (year: string) =>
      `<title>Night of the Living Dead ${year} 720p</title>${attr('infohash', HASH)}`
    for (const [year, byId, byName] of [
      ['', 1, 0],
      ['1969', 1, 0],
      ['1970', 0, 0],
      ['1968', 1, 1],
    ] as const) {
      expect((await ask(() => rss(named(year)))).sources).toHaveLength(byId)
      const bare = await ask(() => rss(named(year)), NIGHT, '<caps/>')
      expect(bare.sources).toHaveLength(byName)
    }
  })

  test('goes on by the id when names do not come', async () => {
    const names: TitleNames = { ...nightsName, find: () => new Promise(() => undefined) }
    expect((await ask(() => rss(linked), NIGHT, CAPS, names)).sources).toHaveLength(1)
  })

  test('takes the size from any of its places, but not 0; and the seeders', async () => {
    const hash = attr('infohash', HASH)
    const bigger = attr('infohash', '1'.repeat(40))
    const most = attr('infohash', '2'.repeat(40))
    const { sources } = await ask(() =>
      rss(
        `${NAME}<size>0</size>${hash}${attr('size', 7)}${attr('seeders', 3)}${attr('peers', 9)}`,
        `${NAME}<size>8</size>${bigger}`,
        `${NAME}<enclosure url="http://a.example/9" length="9" type="application/x-bittorrent"/>${most}`,
      ),
    )
    expect(sources.map(({ size, seeders }) => [size, seeders])).toEqual([
      [7, 3],
      [8, undefined],
      [9, undefined],
    ])
  })

  test('sizes and counts as people write them, hashes with their name space, Usenet beside a torrent', async () => {
    const nzb = '<enclosure url="http://x.example/1" type="application/x-nzb"/>'
    const torrent = '<enclosure url="http://x.example/2" type="application/x-bittorrent"/>'
    const { sources } = await ask(() =>
      rss(
        `${NAME}${attr('infohash', `urn:btih:${HASH}`)}<size>1,234,567</size>${attr('seeders', '1,234')}`,
        `${NAME}${nzb}${torrent}<size>1.5 GiB</size>`,
        `${NAME}<link>http://x.example/3</link><size>99.0</size>`,
      ),
    )
    expect(sources).toMatchObject([
      { locator: { infoHash: HASH }, size: 1_234_567, seeders: 1234 },
      { locator: { from: 'http://x.example/2' }, size: 1_610_612_736 },
      { size: 99 },
    ])
  })

  test('an empty attribute says nothing', async () => {
    const { sources } = await ask(() =>
      rss(linked + attr('imdb', '') + attr('imdbid', 'tt0133093')),
    )
    expect(sources).toEqual([])
  })

  test('reads what is not quite XML', async () => {
    const text = `\ufeff${rss(`${NAME}\u0001<description>a & b < c</description>${attr('infohash', HASH)}`)}`
    expect((await ask(() => text)).sources).toHaveLength(1)
    const tricks = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>${rss(
      `<title>Night of the Living Dead 1968 &a;&b;</title>${attr('infohash', HASH)}`,
    )}`
    const { sources } = await ask(() => tricks)
    expect(JSON.stringify(sources)).not.toMatch(/aaaa|root:/)
  })

  test('a deep document is refused', async () => {
    await expect(ask(() => `<rss>${'<a>'.repeat(200_000)}`)).rejects.toThrow()
  })

  test.each([
    ['100', undefined],
    ['201', undefined],
    ['500', 600],
    ['910', undefined],
  ])('error %s under status 200 is a failure', async (code, retryAfterSeconds) => {
    const asked = ask(() => `<?xml version="1.0"?><error code="${code}" description="${SECRET}"/>`)
    const error = await asked.catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ code: 'UPSTREAM_FAILED' })
    expect(retryAfterSeconds ? error : { details: {} }).toMatchObject({
      details: retryAfterSeconds ? { retryAfterSeconds } : {},
    })
    expect(`${error} ${(error as Error).cause} ${lines.join('')}`).not.toContain(SECRET)
  })

  test('the error "no results" is an empty answer', async () => {
    const { sources } = await ask(() => '<error code="300" description="No such item"/>')
    expect(sources).toEqual([])
  })

  test('a guid that items of different names share names none of them', async () => {
    const item = (name: string, at: number, guid: string, size = 0) =>
      `<title>Night of the Living Dead 1968 ${name}</title><guid>${guid}</guid><size>${size}</size><link>http://t.example/dl/${at}</link>`
    const [seen, later, alone] = [
      await ask(() => rss(item('720p', 1, 'site'), item('1080p', 2, 'site'))),
      await ask(() => rss(item('1080p', 2, 'site'), item('720p', 1, 'site'))),
      await ask(() => rss(item('720p', 1, '', 5), item('720p', 2, '', 6))),
    ].map(({ sources }) => sources.map(({ identity }) => identity))
    expect(new Set(seen).size).toBe(2)
    expect(later).toEqual(seen?.toReversed())
    expect(new Set(alone).size).toBe(2)
    // One item that is there twice is one source, also under another link.
    const twice = await ask(() => rss(item('720p', 1, 'a'), item('720p', 2, 'a')))
    expect(new Set(twice.sources.map(({ identity }) => identity)).size).toBe(1)
  })

  test('posters, pages and trailers in enclosures are no torrents', async () => {
    const enclosure = (at: number, type: string) =>
      `<enclosure url="http://t.example/${at}" length="9" type="${type}"/>`
    const from = (at: number | string) => ({ kind: 'torrent', from: `http://t.example/${at}` })
    expect(
      await places(
        NAME + enclosure(1, 'image/jpeg') + enclosure(2, 'application/x-bittorrent'),
        `${NAME}<guid>3</guid>${enclosure(3, 'application/octet-stream')}${enclosure(4, 'application/x-bittorrent')}`,
        `${NAME}<guid>5</guid>${enclosure(5, '')}`,
        NAME + enclosure(6, 'image/png'),
        NAME + enclosure(7, 'text/plain'),
        `${NAME}<enclosure url="http://t.example/8.torrent" type="video/mp4"/>`,
      ),
    ).toEqual([from(2), from(4), from(5), from(7), from('8.torrent')])
  })

  test('a limit of 0 is none', async () => {
    const { queries } = await ask(() => rss(linked), NIGHT, CAPS.replace('max="50"', 'max="0"'))
    expect(queries).toEqual([expect.stringContaining('limit=100')])
  })

  test('a key inside a link is not part of the source’s identity', async () => {
    const { sources } = await ask(() => rss(linked))
    expect(sources[0]?.identity).toMatch(/^[0-9a-f]{64}$/)
  })
})
