import { expect, test } from '@jest/globals'
import { cleanText } from '../../common/clean-text.ts'

test.each([
  ['Big Buck Bunny', 'Big Buck Bunny'],
  ['  two  spaces ', 'two  spaces'],
  ['a\r\nb\0c\x1b[31m', 'a b c [31m'],
  ['film\u202e4pm.exe', 'film 4pm.exe'],
  ['a\u2028\u2029b', 'a b'],
  ['\ufeff\u200b', ''],
  ['Крем 映画 👩‍🚀', 'Крем 映画 👩‍🚀'],
  ['half \ud83d', 'half \ufffd'],
])('%j becomes %j', (text, clean) => {
  expect(cleanText(text, 300)).toBe(clean)
})

test('cuts between characters, not in the middle of one', () => {
  expect(cleanText('👍👍👍', 2)).toBe('👍👍')
  expect(cleanText('ab cd', 3)).toBe('ab')
  expect(cleanText('  ab cd', 3)).toBe('ab')
  expect(cleanText(`${'a'.repeat(9)}\u200b`, 3)).toBe('aaa')
  expect(cleanText('x'.repeat(10_000_000), 300)).toHaveLength(300)
})
