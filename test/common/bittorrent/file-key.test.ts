import { expect, test } from '@jest/globals'
import { fileEtag, fileKey, parseFileKey } from '../../../common/bittorrent/file-key.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'

test('a key and its parts', () => {
  const key = fileKey(HASH, 7)
  expect(key).toBe(`${HASH}/7`)
  expect(parseFileKey(key)).toEqual({ infoHash: HASH, fileIdx: 7 })
  expect(parseFileKey(fileKey(HASH, 0))).toEqual({ infoHash: HASH, fileIdx: 0 })
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
  expect(parseFileKey(text)).toBeUndefined()
})

test('the entity tag is strong, quoted, and differs by file', () => {
  expect(fileEtag(fileKey(HASH, 3))).toBe(`"${HASH}-3"`)
  expect(fileEtag(fileKey(HASH, 3))).not.toBe(fileEtag(fileKey(HASH, 4)))
})
