import { expect, test } from '@jest/globals'
import {
  MessageBudget,
  messageCost,
  PeerAccount,
} from '../../../../torrent/engine/wire/message-budget.ts'
import { MessageId } from '../../../../torrent/engine/wire/peer-messages.ts'

const none = Buffer.alloc(0)

/** How many of these messages the budget allows in one moment. */
function most(id: number, body: Buffer = none): number {
  const budget = new MessageBudget(0)
  let count = 0
  while (count < 10_000 && budget.spend(messageCost(id, body), 0)) count++
  return count
}

test('what says something may come without end', () => {
  for (const id of [MessageId.have, MessageId.request, MessageId.piece, MessageId.reject])
    expect(most(id)).toBe(10_000)
})

test('a reject is free once for each request, and a block comes once', () => {
  let closed = 0
  const account = new PeerAccount(() => void closed++)
  for (let n = 0; n < 6000; n++) account.requested()
  for (let n = 0; n < 6000; n++) expect(account.rejected()).toBe(true)
  for (let n = 0; n < 6000; n++) expect(account.blockBegins()).toBe(true)
  expect(closed).toBe(0)
  expect(account.blockBegins()).toBe(false)
  expect(closed).toBe(1)
  while (account.rejected());
  expect(closed).toBe(2)
  account.requested()
  expect(account.rejected()).toBe(true)
})

test('costly ones may not: bitfields, chokes, interest and dictionaries', () => {
  expect(most(MessageId.bitfield)).toBe(50)
  expect(most(MessageId.haveAll)).toBe(50)
  expect(most(MessageId.unchoke)).toBe(250)
  expect(most(MessageId.allowedFast)).toBe(1000)
  expect(most(MessageId.suggest)).toBe(5000)
  // 12 has no meaning yet.
  expect(most(12)).toBe(1250)
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
