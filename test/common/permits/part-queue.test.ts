import { expect, test } from '@jest/globals'
import { Owners } from '../../../common/permits/owners.ts'
import { PartQueue } from '../../../common/permits/part-queue.ts'

const ownersOf = (address: string): Owners => {
  const owners = new Owners()
  owners.add(address)
  return owners
}

test('each turn of the loop has one part, and addresses take turns', async () => {
  const queue = new PartQueue()
  let turn = 0
  let left = 7
  const ran: { readonly who: string; readonly turn: number }[] = []
  const part = async (who: string, owners?: Owners): Promise<void> => {
    await queue.next(owners)
    ran.push({ who, turn })
    left--
  }
  const all = ['a1', 'a2', 'a3', 'a4'].map((who) => part(who, ownersOf('a')))
  all.push(part('b1', ownersOf('b')), part('b2', ownersOf('b')), part('nobody'))
  const count = (): void => {
    turn++
    if (left > 0) setImmediate(count)
  }
  count()
  await Promise.all(all)
  expect(new Set(ran.map((one) => one.turn)).size).toBe(7)
  expect(ran.map(({ who }) => who)).toEqual(['a1', 'b1', 'nobody', 'a2', 'b2', 'a3', 'a4'])
})
