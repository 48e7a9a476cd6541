import { expect, test } from '@jest/globals'
import { Id } from '../../../../torrent/engine/wire/messages.ts'
import { costOf, Patience } from '../../../../torrent/engine/wire/patience.ts'

const none = Buffer.alloc(0)

/** How many of these messages in one moment are too many. */
function most(id: number, body: Buffer = none): number {
  const patience = new Patience(0)
  let count = 0
  while (count < 10_000 && patience.spend(costOf(id, body), 0)) count++
  return count
}

test('whatever costs little may come without end', () => {
  for (const id of [Id.have, Id.request, Id.cancel, Id.reject]) expect(most(id)).toBe(10_000)
})

test('what keeps us busy may not: bitfields, chokes and interest, dictionaries', () => {
  expect(most(Id.bitfield)).toBe(50)
  expect(most(Id.haveAll)).toBe(50)
  expect(most(Id.unchoke)).toBe(250)
  expect(most(Id.notInterested)).toBe(250)
  expect(most(Id.extended, Buffer.concat([Buffer.from([0]), Buffer.alloc(100_000)]))).toBe(3)
})

test('the metadata of the largest torrent passes at once', () => {
  const data = Buffer.concat([Buffer.from([1]), Buffer.alloc(16 * 1024)])
  expect(most(Id.extended, data)).toBeGreaterThan(10_000_000 / (16 * 1024))
})

test('comes back with time, not without end', () => {
  const patience = new Patience(0)
  expect(patience.spend(5000, 0)).toBe(true)
  expect(patience.spend(250, 1000)).toBe(true)
  expect(patience.spend(10, 1010)).toBe(false)
  expect(patience.spend(5000, 10_000_000)).toBe(true)
  expect(patience.spend(1, 10_000_000)).toBe(false)
})
