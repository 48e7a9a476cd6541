import { expect, test } from '@jest/globals'
import { createSeeks } from '../../../server/play/seeks.ts'

const MB = 1_000_000

test('a part that begins where the last one ended is none, one elsewhere is', () => {
  const seeks = createSeeks()
  expect(seeks.begins('me', 500 * MB)).toBe(false) // goes on with yesterday's film
  seeks.ended('me', 500 * MB, 20 * MB)
  expect(seeks.begins('me', 519 * MB)).toBe(false)
  // The player jumps before the part it leaves has closed.
  expect(seeks.begins('me', 900 * MB)).toBe(true)
  expect(seeks.begins('another', 0)).toBe(false)
})
