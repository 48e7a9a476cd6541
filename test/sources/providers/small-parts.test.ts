import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { checkLoop, nextHops, OWN_LOOP_ID } from '../../../common/network/loop-header.ts'
import type { OutboundAnswer } from '../../../common/network/outbound.ts'
import { freshnessOf, refusal } from '../../../sources/providers/shared/foreign-answer.ts'
import {
  type ProviderPlace,
  providerNames,
} from '../../../sources/providers/shared/provider-name.ts'
import { statedFacts } from '../../../sources/providers/shared/stated-facts.ts'
import { nameOfItem, parseXml, textOf, xmlText } from '../../../sources/providers/shared/xml.ts'
import {
  ask,
  endAll,
  faultOf,
  named,
  outbound,
  serve,
} from '../../common/network/outbound-stage.ts'
import { ticksWhile } from '../../support/wait.ts'

afterEach(endAll)

describe('facts in a text', () => {
  test.each([
    ['👤 12 💾 1.4 GB ⚙️ Some', { seeders: 12, size: 1_400_000_000 }],
    ['Seeders: 7\nSize: 700 MiB', { seeders: 7, size: 734_003_200 }],
    ['🌱 0 📦 1,5 gb', { seeders: 0, size: 1_500_000_000 }],
    ['Size: 1,234 MB', { size: 1_234_000_000 }],
    ['1,024 KiB', { size: 1_048_576 }],
    ['1,234 GB', { size: 1_234_000_000 }],
    ['0,700 MB', { size: 700_000 }],
    ['Film 2001 1080p', {}],
    ['at 25 Mb/s', {}],
    ['8 TB', { size: 8e12 }],
    ['9999 TB', {}],
    ['', {}],
    [`👤 ${'9'.repeat(50)}`, {}],
  ])('%j', (text, facts) => {
    expect(statedFacts(text)).toEqual(facts)
  })
})

describe('names of providers', () => {
  const named_ = (...addresses: string[]) => {
    return providerNames(addresses.map((address): ProviderPlace => ({ kind: 'torznab', address })))
  }
  test('come from the address, never from a path, a query or the own network', () => {
    expect(
      named_(
        'https://addon.example/geheim/manifest.json',
        'http://127.0.0.1:9117/api?apikey=geheim',
        'http://jackett:9117/api?apikey=geheim#films%20here',
      ),
    ).toEqual(['addon.example', 'torznab', 'films here'])
  })

  test('two of the same name get marks that stay, whatever their order or key', () => {
    const [one, two] = named_('http://10.0.0.1/1/api?apikey=a', 'http://10.0.0.1/2/api?apikey=a')
    expect(one).toMatch(/^torznab [0-9a-f]{4}$/)
    expect(one).not.toBe(two)
    expect(named_('http://10.0.0.1/2/api?apikey=b', 'http://10.0.0.1/1/api')).toEqual([two, one])
  })

  test('none has the name of a built-in provider', () => {
    expect(named_('https://a.example/x#catalogue')).not.toContain('catalogue')
  })
})

describe('a status that is no answer', () => {
  afterEach(() => void jest.useRealTimers())
  const answer = (status: number, headers: Record<string, string>): OutboundAnswer => {
    return { status, headers, body: Buffer.alloc(0) }
  }
  test.each([
    [429, '7', 7],
    [503, '99999999', 86_400],
    [429, 'Thu, 01 Jan 2026 00:00:30 GMT', 30],
    [429, 'soon', undefined],
    [429, '0', undefined],
    [500, '7', undefined],
  ])('%s with Retry-After %s', (status, text, seconds) => {
    jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') })
    const told = refusal(answer(status, { 'retry-after': text })).details
    expect(told.retryAfterSeconds).toBe(seconds)
  })

  test.each([
    ['max-age=5', 5000],
    ['public,max-age="5"', 5000],
    ['no-cache', 0],
    ['s-maxage=5', undefined],
    ['', undefined],
  ])('Cache-Control %j', (text, ms) => {
    expect(freshnessOf({ headers: { 'cache-control': text } })).toBe(ms)
  })
})

test('a redirect to a magnet is an answer; a blocked host is refused, also behind a redirect', async () => {
  const magnet = `magnet:?xt=urn:btih:${'a'.repeat(40)}`
  const port = await serve((req, res) => {
    const location = req.url === '/magnet' ? magnet : `http://t.bad.example:${port}/magnet`
    res.writeHead(302, { location }).end()
  })
  const base = `http://127.0.0.1:${port}`
  const blocks = (host: string) => host.endsWith('bad.example')
  const out = outbound(undefined, named('127.0.0.1'), blocks)
  expect(await out.get(`${base}/magnet`, ask())).toMatchObject({
    status: 302,
    headers: { location: magnet },
  })
  expect(await faultOf(out.get(`${base}/on`, ask()))).toBe('OUTBOUND_REFUSED')
  expect(await faultOf(out.get(`http://bad.example:${port}/magnet`, ask()))).toBe(
    'OUTBOUND_REFUSED',
  )
})

test('the loop header tells who asks: a viewer, another addon or ourselves', () => {
  expect([
    checkLoop(undefined),
    checkLoop('x'),
    checkLoop(['x', 'y']),
    checkLoop(OWN_LOOP_ID),
  ]).toEqual(['viewer', 'addon', 'addon', 'self'])
})

test('bytes are handed on through three servers at most, and never twice through one', () => {
  const [one, two] = ['0123456789abcdef', 'fedcba9876543210']
  expect(nextHops(undefined)).toBe(OWN_LOOP_ID)
  expect(nextHops(`${one} ${two}`)).toBe(`${one} ${two} ${OWN_LOOP_ID}`)
  for (const given of [OWN_LOOP_ID, `${one} ${OWN_LOOP_ID}`, `${one} ${two} ${one}`, 'x', '', 5]) {
    expect([given, nextHops(given)]).toEqual([given, undefined])
  }
})

describe('XML', () => {
  test.each([
    ['by its header', 'text/xml; charset=ISO-8859-1', '<a><b>\xe9</b></a>'],
    ['by its header in quotes', "text/xml; charset='ISO-8859-1'", '<a><b>\xe9</b></a>'],
    [
      'by its first line, where the header says UTF-8 and it is none',
      'text/xml; charset=utf-8',
      '<?xml version="1.0" encoding="windows-1252"?><a><b>\xe9</b></a>',
    ],
    [
      'UTF-8 that the header calls Latin-1',
      'text/xml; charset=ISO-8859-1',
      Buffer.from('<?xml version="1.0" encoding="utf-8"?><a><b>é</b></a>').toString('latin1'),
    ],
    [
      'UTF-8 that calls itself Latin-1',
      'text/xml',
      Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a><b>é</b></a>').toString('latin1'),
    ],
    ['by its first line', '', '<?xml version="1.0" encoding="iso-8859-1"?><a><b>\xe9</b></a>'],
    [
      'by an unknown name',
      'text/xml; charset=klingon',
      Buffer.from('<a><b>é</b></a>').toString('latin1'),
    ],
  ])('is read in its charset: %s', async (_what, type, text) => {
    const read = xmlText({ headers: { 'content-type': type }, body: Buffer.from(text, 'latin1') })
    expect(textOf(await parseXml(read), 'b')).toBe('é')
  })

  const wide = '<?xml version="1.0" encoding="utf-16"?><a><b>é</b></a>'
  test.each([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${wide}`, 'utf16le')],
    ['UTF-16 with a mark, the other way round', Buffer.from(`\ufeff${wide}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(wide, 'utf16le')],
    ['UTF-8 that says that it is UTF-16', Buffer.from(wide)],
    [
      'UTF-8 with a mark that says that it is Latin',
      Buffer.from(`\ufeff${wide}`.replace('utf-16', 'latin1')),
    ],
  ])('in %s', async (_what, body) => {
    expect(textOf(await parseXml(xmlText({ headers: {}, body })), 'b')).toBe('é')
  })

  test.each(['utf-16', 'UTF-16LE'])(
    'in UTF-16 behind a line break, said as %s',
    async (charset) => {
      const headers = { 'content-type': `text/xml; charset=${charset}` }
      const body = Buffer.from('\n<a><b>é</b></a>', 'utf16le')
      for (const one of [body, Buffer.from(body).swap16()]) {
        expect(textOf(await parseXml(xmlText({ headers, body: one })), 'b')).toBe('é')
      }
    },
  )

  test.each([
    ['Grey&amp;#39;s Anatomy', 'Grey\u0027s Anatomy'],
    ['Law &amp;amp; Order', 'Law & Order'],
    ['Law &amp; Order', 'Law & Order'],
    ['Am&eacute;lie &#x2013; B&#246;se', 'Amélie – Böse'],
    ['<![CDATA[Am&eacute;lie &amp; Co]]>', 'Amélie & Co'],
    ['A &lt;b&gt; &unknown; &amp;#x110000; &amp;#999999;', 'A <b> &unknown; &#x110000; \u{f423f}'],
  ])('has names of items that are encoded in several ways: %s', async (text, name) => {
    expect(nameOfItem(await parseXml(`<item><title>${text}</title></item>`))).toBe(name)
  })

  test('is refused with an element of thousands of attributes', async () => {
    const rss = (count: number) =>
      `<rss ${Array.from({ length: count }, (_, n) => `a${n}="1"`).join(' ')}><b/></rss>`
    expect(Object.keys((await parseXml(rss(100))).attributes)).toHaveLength(100)
    await expect(parseXml(rss(101))).rejects.toThrow(
      expect.objectContaining({ code: 'UPSTREAM_FAILED' }),
    )
  })

  // 5 MB of each held the process for 0.1 to 1.3 s.
  test.each([
    '<item><title>a</title></item>',
    '&amp;',
    '</a>',
    '<!---->',
    '<![CDATA[a]]>',
    '<',
    'a<b c="💾&quot;">d</b>',
  ])('others have their turns while much %j is read', async (filler) => {
    const text = `<rss>${filler.repeat(2_000_000 / filler.length)}</rss>`
    const { ticks } = await ticksWhile(() => parseXml(text).catch(faultOf))
    expect(ticks).toBeGreaterThan(2)
  })

  test('is the same whatever it is cut into', async () => {
    const long = '💾&amp;é'.repeat(1500)
    const text = `<rss>${`<a b="${long}">${long}</a><!-- ${long} -->`.repeat(3)}</rss>`
    const words = long.replaceAll('&amp;', '&')
    const { children } = await parseXml(text)
    expect(children).toHaveLength(3)
    for (const { attributes, text: read } of children) {
      expect([attributes.b, read.startsWith(words)]).toEqual([words, true])
    }
  })

  test('has five entities and no more', async () => {
    const text = '<!DOCTYPE a [<!ENTITY x "y">]><a><b>&lt;&amp;&#233;&x;&nbsp;</b></a>'
    expect(textOf(await parseXml(text), 'b')).toBe('<&é&x;&nbsp;')
  })
})
