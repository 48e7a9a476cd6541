import { describe, expect, test } from '@jest/globals'
import {
  asBytes,
  asDict,
  asList,
  asNumber,
  asText,
  bencodeText,
  decodeBencode,
} from '../../../common/bittorrent/bencode.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { bencode } from '../../support/bencode.ts'
import { seededRandom } from '../seeded-random.ts'

const read = (text: string) => decodeBencode(Buffer.from(text, 'latin1'))

describe('decodeBencode', () => {
  test('reads every kind of value', () => {
    const { value } = read('d1:bi-42e1:ali0e3:abcee')
    const dict = asDict(value)
    expect(asNumber(dict?.get('b'))).toBe(-42)
    expect(asList(dict?.get('a'))?.[0]).toBe(0)
    expect(asText(asList(dict?.get('a'))?.[1])).toBe('abc')
    expect(asNumber(read('i9007199254740991e').value)).toBe(Number.MAX_SAFE_INTEGER)
    expect(asBytes(read('0:').value)).toHaveLength(0)
  })

  test('asDict and its kin answer undefined for other types', () => {
    for (const as of [asDict, asList, asNumber]) expect(as(read('1:x').value)).toBeUndefined()
    for (const as of [asBytes, asText]) expect(as(read('i1e').value)).toBeUndefined()
    for (const as of [asBytes, asDict]) expect(as(undefined)).toBeUndefined()
  })

  test('gives the exact bytes of the outermost values; of a double key the last counts', () => {
    const { value, spans } = read('d4:infod4:infoi1ee4:infoli2eee')
    expect(asList(asDict(value)?.get('info'))).toEqual([2])
    expect([...spans.keys()]).toEqual(['info'])
    expect(Buffer.from(spans.get('info') ?? []).toString()).toBe('li2ee')
  })

  test('keys are bytes: no two become the same', () => {
    const { value } = read('d1:\xffi1e1:\xfei2ee')
    expect(asDict(value)?.size).toBe(2)
  })

  test.each([
    ['', 'too early'],
    ['i1', 'too early'],
    ['l', 'too early'],
    ['d', 'too early'],
    ['d1:a', 'too early'],
    ['5:abcd', 'too early'],
    ['999999999:x', 'too early'],
    ['4', 'too early'],
    ['99999999999:x', 'not bencoded'],
    ['x', 'not bencoded'],
    ['x-y-z-x-y-z-x-y-z', 'not bencoded'],
    ['-1:', 'not bencoded'],
    ['01:x', 'not bencoded'],
    ['+1:x', 'not bencoded'],
    ['di1ei2ee', 'not bencoded'],
    ['d1:ae', 'not bencoded'],
    ['ie', 'number'],
    ['i-0e', 'number'],
    ['i01e', 'number'],
    ['i+1e', 'number'],
    ['i1.5e', 'number'],
    ['i1e3e', 'goes on'],
    ['i 1e', 'number'],
    ['i9007199254740992e', 'number'],
    ['i99999999999999999999e', 'not bencoded'],
    ['i1ei2e', 'goes on'],
    ['1:xx', 'goes on'],
    ['d9:__proto__i1ee', 'not all programs'],
    ['d7:\xef\xbb\xbfinfoi1ee', 'not all programs'],
  ])('%j is refused: %s', (text, reason) => {
    expect(() => read(text)).toThrow(ValidationError)
    expect(() => read(text)).toThrow(reason)
  })

  test('what would take much memory or stack is refused', () => {
    expect(() => read('l'.repeat(34) + 'e'.repeat(34))).toThrow(ValidationError)
    expect(() => read('l'.repeat(1_000_000))).toThrow('too deeply')
    expect(() => read(`l${'le'.repeat(100_000)}e`)).toThrow('too many values')
  })

  test('32 lists deep is still read', () => {
    expect(asList(read('l'.repeat(33) + 'e'.repeat(33)).value)).toHaveLength(1)
  })

  test('damaged bytes give a value or a ValidationError, nothing else', () => {
    const random = seededRandom()
    const good = bencode({ a: [1, -5, 'text', { b: '' }], info: { length: 3, x: ['y', ['z']] } })
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(good.subarray(0, random.below(4) ? good.length : random.below(99)))
      for (let i = random.below(4); i > 0; i--) {
        const mark = random.pick(['d', 'e', 'i', 'l', ':', '0', '9', '-', '\xff'])
        if (bytes.length) bytes[random.below(bytes.length)] = mark.charCodeAt(0)
      }
      try {
        decodeBencode(bytes)
      } catch (thrown) {
        if (thrown instanceof ValidationError) continue
        throw new Error(`seed ${random.seed}: ${bytes.toString('latin1')}`, { cause: thrown })
      }
    }
  })
})

test('bencodeText counts bytes, not characters', () => {
  expect(bencodeText('é')).toBe('2:é')
})
