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

  test('gives the exact bytes of the outermost values; of a double key the first counts', () => {
    const { value, spans } = read('d4:infod4:infoi1ee4:infoli2eee')
    expect(asNumber(asDict(asDict(value)?.get('info'))?.get('info'))).toBe(1)
    expect([...spans.keys()]).toEqual(['info'])
    expect(Buffer.from(spans.get('info') ?? []).toString()).toBe('d4:infoi1ee')
  })

  test('keys are bytes: no two become the same, and none is special', () => {
    const { value } = read('d1:\xffi1e1:\xfei2e9:__proto__i3e7:\xef\xbb\xbfinfoi4ee')
    expect([...(asDict(value)?.values() ?? [])]).toEqual([1, 2, 3, 4])
  })

  test('what writers put behind a number’s point, and behind the file, is dropped', () => {
    const written = ['i1700000000.25e', 'i-3.0e', 'i7.e', 'i1e\n', 'i1e\r\n', 'i1e \t\r\n']
    expect(written.map((text) => read(text).value)).toEqual([1_700_000_000, -3, 7, 1, 1, 1])
  })

  test('a number of 64 bits is read, as the nearest that can be counted with', () => {
    const written = ['9007199254740992', '1700000000000000000', '18446744073709551615']
    for (const digits of written) {
      expect(read(`i${digits}e`).value).toBe(Number.MAX_SAFE_INTEGER)
      expect(read(`i-${digits}.5e`).value).toBe(Number.MIN_SAFE_INTEGER)
    }
  })

  test('what stands behind the value can be left alone', () => {
    for (const behind of ['x', '\0', 'e', '\n<!-- 3 ms -->']) {
      expect(decodeBencode(Buffer.from(`d1:ai1ee${behind}`), 'ignored').spans.size).toBe(1)
    }
    expect(() => decodeBencode(Buffer.from('d1:ai1e'), 'ignored')).toThrow('too early')
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
    ['i.5e', 'number'],
    ['i1.5.5e', 'number'],
    ['i1.-5e', 'number'],
    [`i1.${'0'.repeat(21)}e`, 'number'],
    ['i-0.5e', 'number'],
    ['i1e3e', 'goes on'],
    ['i 1e', 'number'],
    ['i999999999999999999999e', 'number'],
    ['i1ei2e', 'goes on'],
    ['1:xx', 'goes on'],
    ['i1e\0', 'goes on'],
    ['i1e\n\nx', 'goes on'],
    ['\ni1e', 'not bencoded'],
  ])('%j is refused: %s', (text, reason) => {
    expect(() => read(text)).toThrow(ValidationError)
    expect(() => read(text)).toThrow(reason)
  })

  test('what would take much memory or stack is refused', () => {
    expect(() => read('l'.repeat(66) + 'e'.repeat(66))).toThrow(ValidationError)
    expect(() => read('l'.repeat(1_000_000))).toThrow('too deeply')
    expect(() => read(`l${'le'.repeat(200_000)}e`)).toThrow('too many values')
  })

  test('64 lists deep is still read', () => {
    expect(asList(read('l'.repeat(65) + 'e'.repeat(65)).value)).toHaveLength(1)
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
