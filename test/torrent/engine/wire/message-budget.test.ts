import { expect, test } from '@jest/globals'
import { MessageBudget, messageCost } from '../../../../torrent/engine/wire/message-budget.ts'
import { MessageId } from '../../../../torrent/engine/wire/peer-messages.ts'

const none = Buffer.alloc(0)

/** How many of these messages the budget allows in one moment. */
function most(id: number, body: Buffer = none): number {
  const budget = new MessageBudget(0)
  let count = 0
  while (count < 10_000 && budget.spend(messageCost(id, body), 0)) count++
  return count
}

test('cheap messages may come without end', () => {
  for (const id of [MessageId.have, MessageId.request, MessageId.cancel, MessageId.reject])
    expect(most(id)).toBe(10_000)
})

test('costly ones may not: bitfields, chokes, interest and dictionaries', () => {
  expect(most(MessageId.bitfield)).toBe(50)
  expect(most(MessageId.haveAll)).toBe(50)
  expect(most(MessageId.unchoke)).toBe(250)
  expect(most(MessageId.notInterested)).toBe(250)
  expect(most(MessageId.extended, Buffer.concat([Buffer.from([0]), Buffer.alloc(100_000)]))).toBe(3)
})

test('the metadata of the largest torrent fits the budget at once', () => {
  const data = Buffer.concat([Buffer.from([1]), Buffer.alloc(16 * 1024)])
  expect(most(MessageId.extended, data)).toBeGreaterThan(10_000_000 / (16 * 1024))
})

test('the budget is refilled with time, up to its limit', () => {
  const budget = new MessageBudget(0)
  expect(budget.spend(5000, 0)).toBe(true)
  expect(budget.spend(250, 1000)).toBe(true)
  expect(budget.spend(10, 1010)).toBe(false)
  expect(budget.spend(5000, 10_000_000)).toBe(true)
  expect(budget.spend(1, 10_000_000)).toBe(false)
})
