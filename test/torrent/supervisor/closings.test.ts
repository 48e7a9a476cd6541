import { expect, test } from '@jest/globals'
import { createClosings } from '../../../torrent/supervisor/closings.ts'

const HAVE = new Uint8Array([0b1100_0000])

test('answered: with what is on disk, and only once', async () => {
  const closings = createClosings(60_000)
  const waits = closings.wait(1)
  expect(closings.has(1)).toBe(true)
  closings.answered(2)
  closings.answered(1, HAVE)
  closings.answered(1)
  expect(await waits).toBe(HAVE)
  expect(closings.has(1)).toBe(false)
})

test('who dies, or says nothing, holds nobody up', async () => {
  const closings = createClosings(60_000)
  const both = Promise.all([closings.wait(1), closings.wait(2)])
  closings.died()
  expect(await both).toEqual([undefined, undefined])
  const quick = createClosings(10)
  expect(await quick.wait(1)).toBe(undefined)
  expect(quick.has(1)).toBe(false)
})
