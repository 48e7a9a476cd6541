import { expect, test } from '@jest/globals'
import { percentDecoded } from '../../../common/network/percent-decoded.ts'

test.each([
  ['a%20b%2Fc', 'a b/c'],
  ['%C3%A9', '\u00e9'],
  ['plain', 'plain'],
  ['50%', '50%'],
  ['50%:%20', '50%:%20'],
  ['%ff', '%ff'],
  ['', ''],
])('%s is %s', (text, read) => {
  expect(percentDecoded(text)).toBe(read)
})
