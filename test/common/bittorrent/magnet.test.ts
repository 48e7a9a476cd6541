import { describe, expect, test } from '@jest/globals'
import { magnetOf, parseMagnet } from '../../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { seededRandom } from '../seeded-random.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const XT = `xt=urn:btih:${HASH}`
const encoded = encodeURIComponent

describe('parseMagnet', () => {
  test('reads hash, name, trackers and web seeds', () => {
    const tracker = 'udp://tracker.test:1337/announce'
    const text = `magnet:?${XT}&dn=Big+Buck%20Bunny&tr=${encoded(tracker)}&ws=${encoded('https://w.test/a+b/')}`
    expect(parseMagnet(text)).toEqual({
      infoHash: HASH,
      name: 'Big Buck Bunny',
      trackers: [tracker],
      webSeeds: ['https://w.test/a+b/'],
    })
  })

  test('reads the hash in capitals, base32, percent-encoded and numbered', () => {
    const base32 = '3WBFL3G4PSSV7MF37AJSHWDQMLNR63I4'
    for (const xt of [
      `xt=urn:btih:${HASH.toUpperCase()}`,
      `xt=urn:btih:${base32}`,
      `xt=urn:btih:${base32.toLowerCase()}`,
      `xt=${encoded(`urn:btih:${HASH}`)}`,
      `xt=${encoded(encoded(`urn:btih:${HASH}`))}`,
      `xt=urn:btih:${HASH}%20%0A`,
      `xt.1=urn:btih:${HASH}`,
    ]) {
      expect(parseMagnet(`MAGNET:?${xt}`)).toMatchObject({ infoHash: HASH, name: undefined })
    }
    expect(parseMagnet(`magnet:?xt=urn:btih:${'a'.repeat(32)}`).infoHash).toBe('0'.repeat(40))
  })

  test('takes the first valid of several hashes', () => {
    const text = `magnet:?xt=urn:btmh:1220aa&xt=urn:btih:short&${XT}&xt=urn:btih:${'0'.repeat(40)}`
    expect(parseMagnet(text).infoHash).toBe(HASH)
  })

  test('of a v2 hash takes the first 20 bytes, where there is no v1 hash', () => {
    const v2 = `xt=urn:btmh:1220${HASH.toUpperCase()}${'e'.repeat(24)}`
    expect(parseMagnet(`magnet:?${v2}`).infoHash).toBe(HASH)
    expect(parseMagnet(`magnet:?${v2}&xt=urn:btih:${'0'.repeat(40)}`).infoHash).toBe('0'.repeat(40))
  })

  test('keeps the addresses of peers, never their names, ten at most', () => {
    const bad = [
      'peer.test:1',
      '1.2.3.4',
      '1.2.3.4:0',
      '1.2.3.4:70000',
      '[1.2.3.4]:5',
      '::1:5',
      '1.2.3:5',
    ]
    const good = ['1.2.3.4:5', '[2001:db8::1]:65535']
    const peers = [...bad, ...good, ...good].map((one) => `&x.pe=${encoded(one)}`).join('')
    expect(parseMagnet(`magnet:?${XT}${peers}`).peers).toEqual(good)
    const many = Array.from({ length: 20 }, (_, i) => `&X.PE.${i}=1.2.3.4:${i + 1}`).join('')
    expect(parseMagnet(`magnet:?${XT}${many}`).peers).toHaveLength(10)
  })

  test('drops every other parameter, also those that would crash webtorrent', () => {
    const text = `magnet:?${XT}&so=0-999999999&xs=http://127.0.0.1/&as=http://a.test/&kt=k&__proto__=1`
    expect(parseMagnet(text)).toEqual({
      infoHash: HASH,
      name: undefined,
      trackers: [],
      webSeeds: [],
    })
  })

  test.each([
    ['&amp; between the parameters', `magnet:?${XT}&amp;tr=http://a.test&amp;amp;tr=http://b.test`],
    [
      'its number between the parameters',
      `magnet:?${XT}&#038;tr=http://a.test&#x26;&#38;tr=http://b.test`,
    ],
    [
      'trackers that are encoded twice',
      `magnet:?${XT}&tr=${encoded(encoded('http://a.test'))}&tr=http%253a//b.test`,
    ],
    ['slashes', `magnet://?${XT}&tr=http://a.test&tr=http://b.test`],
    ['blanks around the trackers', `magnet:?${XT}&tr=%20http://a.test%0d%0a&tr=http://b.test%09`],
  ])('%s', (_what, text) => {
    expect(parseMagnet(text).trackers).toEqual(['http://a.test', 'http://b.test'])
  })

  test('keeps at most 100 trackers and 20 web seeds, valid ones only', () => {
    const many = Array.from({ length: 120 }, (_, i) => `tr=http://t${i}.test&ws=http://w${i}.test`)
    const bad = ['tr=http://u:p@t.test', 'tr=file:///x', 'ws=udp://w.test:1', 'tr=%zz', 'ws=%ff']
    const magnet = parseMagnet(`magnet:?${[...bad, XT, ...many].join('&')}`)
    expect(magnet.trackers).toEqual(Array.from({ length: 100 }, (_, i) => `http://t${i}.test`))
    expect(magnet.webSeeds).toHaveLength(20)
  })

  test('cleans and cuts the name', () => {
    expect(parseMagnet(`magnet:?${XT}&dn=a%0D%0Ab%E2%80%AEc`).name).toBe('a b c')
    expect(parseMagnet(`magnet:?${XT}&dn=${'x'.repeat(400)}`).name).toHaveLength(300)
    expect(parseMagnet(`magnet:?${XT}&dn=%00`).name).toBeUndefined()
    expect(parseMagnet(`magnet:?${XT}&dn=100%+Wolf%20(2020)`).name).toBe('100% Wolf (2020)')
    expect(parseMagnet(`magnet:?${XT}&dn=Le%20Fabuleux%20Destin%20d%92Am%E9lie`).name).toBe(
      'Le Fabuleux Destin d’Amélie',
    )
  })

  test.each([
    ['', 'A magnet link starts with "magnet:?".'],
    [`http://a.test/?${XT}`, 'A magnet link starts with "magnet:?".'],
    [
      'magnet:?dn=x',
      'The magnet link has no "xt=urn:btih:" with 40 hex or 32 base32 characters, nor',
    ],
    [`magnet:?XT=urn:btih:${HASH}0`, /has no "xt=urn:btih:"/],
    [`magnet:?xt=urn:btih:${'1'.repeat(32)}`, /has no "xt=urn:btih:"/],
    [`magnet:?xt=urn:btmh:1220${'a'.repeat(63)}`, /hash of a kind/],
    [`magnet:?xt=urn:btmh:1114${'a'.repeat(40)}`, /hash of a kind/],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseMagnet(text)).toThrow(ValidationError)
    expect(() => parseMagnet(text)).toThrow(sentence)
  })

  test('more than 8 KiB is refused before anything else', () => {
    const text = `magnet:?${XT}&dn=${'x'.repeat(8192)}`
    expect(() => parseMagnet(text)).toThrow(
      new ValidationError('A magnet link may have at most 8 KiB.'),
    )
    expect(parseMagnet(text.slice(0, 8192)).infoHash).toBe(HASH)
    expect(() => parseMagnet(`magnet:?${XT}&dn=${'é'.repeat(4096)}`)).toThrow(ValidationError)
  })

  test('any text gives a magnet or a ValidationError, nothing else', () => {
    const random = seededRandom()
    const pieces = [
      'magnet:?',
      XT,
      '&',
      '=',
      '%',
      '%e2%80',
      'tr=',
      'ws=',
      'dn=',
      'udp://',
      '@',
      '\0',
    ] as const
    let good = 0
    for (let round = 0; round < 20_000; round++) {
      let text = random.below(4) === 0 ? '' : `magnet:?${XT}`
      for (let i = random.below(12); i > 0; i--) text += random.pick(pieces)
      try {
        expect(parseMagnet(text).infoHash).toBe(HASH)
        good++
      } catch (thrown) {
        if (!(thrown instanceof ValidationError))
          throw new Error(`seed ${random.seed}: ${text}`, { cause: thrown })
      }
    }
    expect(good).toBeGreaterThan(100)
  })
})

describe('magnetOf', () => {
  test('is what the link with the same parts is', () => {
    const trackers = [
      'udp://a.example:1',
      'file:///x',
      'http://b.example/?a=1&b=%41',
      'udp://a.example:1',
    ]
    const link = trackers.map((tracker) => `&tr=${encodeURIComponent(tracker)}`).join('')
    expect(magnetOf(HASH.toUpperCase(), trackers)).toEqual(parseMagnet(`magnet:?${XT}${link}`))
  })

  test.each(['', 'x'.repeat(40), `${HASH}&tr=udp://a.example`, `${HASH}0`])(
    '%j is no hash',
    (hash) => {
      expect(() => magnetOf(hash, [])).toThrow(ValidationError)
    },
  )
})
