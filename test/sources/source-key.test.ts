import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { Locator, Selector } from '../../sources/source.ts'
import { isSourceKey, sourceKey } from '../../sources/source-key.ts'

const keyOf = (locator: Locator, selector: Selector = {}, identity?: string): string =>
  sourceKey({ locator, selector, provider: 'p', ...(identity !== undefined && { identity }) })
const infoHash = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const magnet: Locator = { kind: 'magnet', infoHash, trackers: [], webSeeds: [] }

/** Base32 by way of binary digits, to check the shifting one. */
function expected(text: string): string {
  const digest = createHash('sha256').update(text).digest()
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  const at = (i: number) => letters[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)]
  return Array.from({ length: 10 }, (_, i) => at(i)).join('')
}

describe('the key of a source', () => {
  test.each<[string, string, string]>([
    ['a magnet', keyOf(magnet), `${infoHash}\n`],
    ['a file of a magnet', keyOf(magnet, { file: 'a/b.mkv' }), `${infoHash}\na/b.mkv`],
    ['an index in a magnet', keyOf(magnet, { fileIdx: 0 }), `${infoHash}\n0`],
    ['a .torrent read', keyOf({ kind: 'torrent', from: '/x/y', infoHash }), `${infoHash}\n`],
    ['a .torrent', keyOf({ kind: 'torrent', from: 'https://h/a' }), 'https://h/a\n'],
    ['an address', keyOf({ kind: 'url', url: 'https://h/a?b=1' }), 'https://h/a?b=1'],
    ['a file', keyOf({ kind: 'path', path: '/x/a.mp4' }, {}, 'path:a.mp4'), 'path:a.mp4'],
  ])('%s', (_, key, text) => {
    expect(key).toBe(expected(text))
    expect(isSourceKey(key)).toBe(true)
  })

  test('is the same whatever the trackers and credentials', () => {
    expect(keyOf({ ...magnet, trackers: ['udp://t:1'] } as Locator)).toBe(keyOf(magnet))
    const plain = keyOf({ kind: 'url', url: 'https://h/a?id=7' })
    for (const url of [
      'https://u:p@h/a?id=7',
      'https://h/a?id=7&apikey=x',
      'https://h/a?TOKEN=y&id=7',
    ])
      expect(keyOf({ kind: 'url', url })).toBe(plain)
    expect(keyOf({ kind: 'url', url: 'https://h/a?id=8' })).not.toBe(plain)
  })

  test.each(['', 'abc', 'ABCDEFGHIJ', 'abcdefghi1', 'abcdefghijk'])('%j is none', (text) => {
    expect(isSourceKey(text)).toBe(false)
  })
})
