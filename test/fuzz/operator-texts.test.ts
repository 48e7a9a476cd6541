import { expect } from '@jest/globals'
import fc from 'fast-check'
import { parseBlocklist } from '../../common/blocklist.ts'
import { cleanText } from '../../common/clean-text.ts'
import { createAddressRules, parseAllow } from '../../common/network/address-rules.ts'
import { isForeignUrl, WEB } from '../../common/network/foreign-url.ts'
import { providerNames } from '../../sources/providers/shared/provider-name.ts'
import { isClean, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const NETS = [
  '127.0.0.1',
  '0177.0.0.1',
  '127.1',
  '0x7f000001',
  '2130706433',
  '::1',
  '::ffff:',
  '64:ff9b::',
  '2002:7f00:1::',
  '[',
  ']',
  '/8',
  ':80',
  '10.',
  '169.254.169.254',
  'fd00::',
  '1.1.1.1',
]
const URLS = [
  'http:',
  '//',
  '/',
  '\\',
  'a.example',
  '@',
  'user:pw@',
  ':80',
  '?q=1',
  '#x',
  'javascript:',
  'file:',
]

fuzz(
  'clean text: one line, no unseen marks, within its length, and clean already the second time',
  fc.property(fc.oneof(textOf(['a']), fc.string({ unit: 'binary' })), fc.nat(20), (text, max) => {
    const clean = cleanText(text, max)
    expect(isClean(clean)).toBe(true)
    expect([...clean].length).toBeLessThanOrEqual(max)
    expect(cleanText(clean, max)).toBe(clean)
  }),
)

fuzz(
  'addresses: any text is refused, or a public address; nothing private in another spelling',
  fc.property(textOf(NETS, 5), (text) => {
    const rules = createAddressRules([])
    if (rules.allows(text, 80)) {
      const host = URL.parse(`http://${text.includes(':') ? `[${text}]` : text}/`)?.hostname ?? ''
      expect(host).not.toMatch(/^(?:127\.|10\.|0\.|169\.254|192\.168|\[::1\]|\[::ffff:7f|\[f[cde])/)
    }
    try {
      expect(parseAllow(text).bits).toBeLessThanOrEqual(128)
    } catch (error) {
      expect((error as Error).message).toContain('must be a CIDR')
    }
  }),
)

fuzz(
  'addresses of others: what passes is a plain URL without credentials',
  fc.property(textOf(URLS, 6), (text) => {
    if (!isForeignUrl(text, WEB)) return
    const url = new URL(text)
    expect(['http:', 'https:']).toContain(url.protocol)
    expect([url.username, url.password]).toEqual(['', ''])
    expect(text).not.toMatch(/\p{Cc}/u)
    const [name = ''] = providerNames([{ kind: 'feed', address: text }])
    expect(isClean(name)).toBe(true)
    expect(name).not.toBe('')
  }),
)

fuzz(
  'blocklist: every line is an entry, a comment or told; what is in it is blocked',
  fc.property(
    fc.array(textOf(['tt1254207', 'a.example', '#', ' ', 'b'.repeat(40), '1.2.3.4', '[::1]'], 3)),
    (lines) => {
      const { list, badLines, count } = parseBlocklist(lines.join('\n'))
      expect(badLines.every((line) => line >= 1)).toBe(true)
      expect(count + badLines.length).toBeLessThanOrEqual(lines.join('\n').split(/\r?\n/).length)
      if (lines.includes('a.example')) expect(list.hasHost('x.a.example')).toBe(true)
      if (lines.includes('tt1254207')) expect(list.hasTitle('tt1254207')).toBe(true)
    },
  ),
)

fuzz(
  'addresses and clean text: time grows with the length',
  fc.asyncProperty(pumpOf([...NETS, ...URLS]), async (pump) => {
    const rules = createAddressRules([])
    const works = [
      (text: string) => cleanText(text, text.length),
      (text: string) => rules.allows(text, 80),
      (text: string) => isForeignUrl(text, WEB),
      parseBlocklist,
    ]
    for (const work of works) expect(await worseThanLinear(work, pump)).toBeUndefined()
  }),
  1,
)
