import { expect, test } from '@jest/globals'
import { PendingCloses } from '../../../torrent/supervisor/pending-closes.ts'

const HAVE = new Uint8Array([0b1100_0000])

test('an answer gives the pieces on disk, and only once', async () => {
  const pendingCloses = new PendingCloses(60_000)
  const waits = pendingCloses.wait(1)
  expect(pendingCloses.has(1)).toBe(true)
  pendingCloses.answered(2)
  pendingCloses.answered(1, HAVE)
  pendingCloses.answered(1)
  expect(await waits).toBe(HAVE)
  expect(pendingCloses.has(1)).toBe(false)
})

test('an engine that dies or does not answer holds nobody up', async () => {
  const pendingCloses = new PendingCloses(60_000)
  const both = Promise.all([pendingCloses.wait(1), pendingCloses.wait(2)])
  pendingCloses.died()
  expect(await both).toEqual([undefined, undefined])
  const quick = new PendingCloses(10)
  expect(await quick.wait(1)).toBe(undefined)
  expect(quick.has(1)).toBe(false)
})
