import { expect, test } from '@jest/globals'
import { contentEtag, contentKey, parseContentKey } from '../../../common/bittorrent/content-key.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'

test('a key and its parts', () => {
  const key = contentKey(HASH, 7)
  expect(key).toBe(`${HASH}/7`)
  expect(parseContentKey(key)).toEqual({ infoHash: HASH, fileIdx: 7 })
  expect(parseContentKey(contentKey(HASH, 0))).toEqual({ infoHash: HASH, fileIdx: 0 })
})

test.each([
  '',
  HASH,
  `${HASH}/`,
  `${HASH}/07`,
  `${HASH}/-1`,
  `${HASH}/100000`,
  `${HASH}/1\n`,
  `${HASH.toUpperCase()}/1`,
  `${HASH}x/1`,
  `../${HASH}/1`,
  `${HASH}/../1`,
])('%j is no key', (text) => {
  expect(parseContentKey(text)).toBeUndefined()
})

test('the entity tag is strong, quoted, and differs by file', () => {
  expect(contentEtag(contentKey(HASH, 3))).toBe(`"${HASH}-3"`)
  expect(contentEtag(contentKey(HASH, 3))).not.toBe(contentEtag(contentKey(HASH, 4)))
})
