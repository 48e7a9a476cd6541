import { expect, test } from '@jest/globals'
import { worseThanLinear } from './growth.ts'

const blanks = { head: '', unit: ' ', tail: 'x' }

test.each([
  ['a pattern that is exponential', /^(?:\s|\s\s)*$/],
  ['a pattern that is quadratic', /\s+$/],
])('%s is found', async (_, pattern) => {
  expect(await worseThanLinear((text) => pattern.test(text), blanks)).toBeDefined()
})

test('what is linear is not', async () => {
  expect(await worseThanLinear((text) => text.split(' ').length, blanks)).toBeUndefined()
})
