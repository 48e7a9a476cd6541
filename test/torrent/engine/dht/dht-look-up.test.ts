import { expect, test } from '@jest/globals'
import { lookUp } from '../../../../torrent/engine/dht/dht-look-up.ts'
import type { DhtContact } from '../../../../torrent/engine/dht/dht-query.ts'

const target = Buffer.alloc(20)
/** The smaller, the nearer. */
const contact = (distance: number): DhtContact => {
  const id = Buffer.alloc(20)
  id.writeUInt32BE(distance, 16)
  return { id, address: `[2001:db8::${distance.toString(16)}]:1` }
}

/** @param tells which nodes the node of that distance tells of */
async function search(tells: (distance: number) => readonly number[], start = 60_000) {
  const asked: number[] = []
  let [atOnce, most] = [0, 0]
  const nearest = await lookUp(
    {
      target,
      mayAsk: () => true,
      peersFound: () => {},
      ask: async (address) => {
        const distance = Number.parseInt(/::([0-9a-f]+)\]/.exec(address)?.[1] ?? '', 16)
        asked.push(distance)
        most = Math.max(most, ++atOnce)
        await new Promise((resolve) => setImmediate(resolve))
        atOnce--
        const { id } = contact(distance)
        return { id, nodes: tells(distance).map(contact), peers: [], token: undefined }
      },
    },
    [contact(start).address],
  )
  return { asked, most, nearest: nearest.map(({ id }) => id.readUInt32BE(16)) }
}
const below = (distance: number, count: number, step: number): number[] =>
  Array.from({ length: count }, (_, n) => distance - (n + 1) * step).filter((one) => one > 0)

test('nodes that tell of ever nearer ones come to an end', async () => {
  const { asked } = await search((distance) => below(distance, 16, 1))
  expect(asked).toHaveLength(60)
})

test('ends with the eight nearest, four asked at once, without those that are further', async () => {
  const { asked, most, nearest } = await search(() => below(21, 20, 1))
  expect(nearest).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(most).toBe(4)
  expect(asked.length).toBeLessThan(14)
})

test('an address is asked once, however often it is told of', async () => {
  const { asked } = await search(() => [5, 5, 6, 60_000])
  expect(asked.toSorted((a, b) => a - b)).toEqual([5, 6, 60_000])
})
