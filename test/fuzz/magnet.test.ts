import { expect } from '@jest/globals'
import fc from 'fast-check'
import { isPeerAddress, type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { isForeignUrl, TRACKER, WEB } from '../../common/network/foreign-url.ts'
import { isClean, mutatedText, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const HASH = '0123456789abcdef0123456789abcdef01234567'
const WORDS = [
  ...['magnet:?', 'xt=', 'urn:btih:', 'urn:btmh:', HASH, 'abcdefghijklmnopqrstuvwxyz234567', '&'],
  ...[
    'dn=',
    'tr=',
    'tr.1=',
    'ws=',
    'so=0-999999999',
    'xs=',
    'x.pe=',
    'kt=',
    'http://a.example/',
    'udp://b.example:80',
  ],
]
const honest = [
  `magnet:?xt=urn:btih:${HASH}&dn=A+film&tr=udp%3A%2F%2Ftracker.example%3A80&ws=https%3A%2F%2Fa.example%2F`,
  'magnet:?xt=urn:btih:abcdefghijklmnopqrstuvwxyz234567&tr.1=http://t.example/announce&so=1-2',
]

const read = (text: string): Magnet | undefined => {
  try {
    return parseMagnet(text)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}

const write = ({ infoHash, name, trackers, webSeeds, peers = [] }: Magnet): string =>
  [
    `magnet:?xt=urn:btih:${infoHash}`,
    ...(name === undefined ? [] : [`dn=${encodeURIComponent(name)}`]),
    ...trackers.map((url) => `tr=${encodeURIComponent(url)}`),
    ...webSeeds.map((url) => `ws=${encodeURIComponent(url)}`),
    ...peers.map((peer) => `x.pe=${encodeURIComponent(peer)}`),
  ].join('&')

fuzz(
  'magnet: any text is a magnet within its limits, or a ValidationError',
  fc.property(fc.oneof(textOf(WORDS), mutatedText(honest, WORDS)), (text) => {
    const magnet = read(text)
    if (!magnet) return
    expect(magnet.infoHash).toMatch(/^[0-9a-f]{40}$/)
    expect(isClean(magnet.name ?? '')).toBe(true)
    expect([...(magnet.name ?? '')].length).toBeLessThanOrEqual(300)
    expect([magnet.trackers.length <= 50, magnet.webSeeds.length <= 20]).toEqual([true, true])
    expect((magnet.peers ?? []).every(isPeerAddress)).toBe(true)
    expect(magnet.trackers.every((url) => isForeignUrl(url, TRACKER))).toBe(true)
    expect(magnet.webSeeds.every((url) => isForeignUrl(url, WEB))).toBe(true)
  }),
)

const magnets = fc.record({
  infoHash: fc.stringMatching(/^[0-9a-f]{40}$/),
  name: fc.option(
    fc.stringMatching(/^[a-zA-Z0-9+&=%]{1,40}$/).map((name) => name.replaceAll('+', '')),
    {
      nil: undefined,
    },
  ),
  trackers: fc.uniqueArray(
    fc.constantFrom('udp://a.example:1', 'http://b.example/x?y=1&z=2', 'wss://c.example/'),
  ),
  webSeeds: fc.uniqueArray(fc.constantFrom('http://a.example/%20', 'https://b.example/c+d')),
})

fuzz(
  'magnet: what was written is read, in any order, case and with parameters that are dropped',
  fc.property(magnets, fc.nat(), fc.boolean(), (given, order, upper) => {
    const magnet = { ...given, name: given.name || undefined }
    const [head = '', ...parts] = write(magnet).split('&')
    const turned = parts.map((_, at) => parts[(at + order) % parts.length] ?? '')
    expect(read([head, 'so=0-999999999', ...parts, 'xs=http://x.example/'].join('&'))).toEqual(
      magnet,
    )
    const other = read([upper ? head.toUpperCase() : head, ...turned].join('&'))
    expect(other?.infoHash).toBe(magnet.infoHash)
    expect(new Set(other?.trackers)).toEqual(new Set(magnet.trackers))
  }),
)

fuzz(
  'magnet: written and read again it is the same',
  fc.property(fc.oneof(textOf(WORDS), mutatedText(honest, WORDS)), (text) => {
    const once = read(text)
    if (!once) return
    const again = write(once)
    if (Buffer.byteLength(again) > 8192) return
    expect(read(again)).toEqual({ ...once, name: once.name?.replaceAll('+', '+') })
  }),
)

fuzz(
  'magnet: time grows with the length',
  fc.asyncProperty(pumpOf(WORDS), async (pump) => {
    expect(await worseThanLinear(read, pump)).toBeUndefined()
  }),
  1,
)
