import { expect, test } from '@jest/globals'
import { byDistanceTo, NodeTable } from '../../../../torrent/engine/dht/node-table.ts'
import { payload } from '../../../support/swarm/payload.ts'

const own = Buffer.alloc(20)
const contact = (first: number, name: string, network = name) => ({
  id: Buffer.concat([Buffer.of(first), payload(name, 19)]),
  address: `[2001:db8:${network}::${name}]:6881`,
})

test('eight nodes of each distance, the first that answered', () => {
  const table = new NodeTable(own)
  const far = Array.from({ length: 12 }, (_, n) => contact(0x80, `${n}`))
  const isNew = far.map((one) => table.answered(one))
  expect(isNew).toEqual([...Array(8).fill(true), ...Array(4).fill(false)])
  expect(table.answered(contact(1, '99'))).toBe(true)
  expect(table.all).toHaveLength(9)
  expect(table.closest(own, 1).map(({ id }) => id[0])).toEqual([1])
})

test('a network has eight places, however many addresses it has', () => {
  const table = new NodeTable(own)
  const taken = Array.from({ length: 20 }, (_, n) =>
    table.answered(contact(1 << (n % 8), `${n}`, 'a')),
  )
  expect(taken.filter(Boolean)).toHaveLength(8)
})

test('one that does not answer twice in a row gives its place up', () => {
  const table = new NodeTable(own)
  const [one, two] = [contact(0x80, '1'), contact(0x80, '2')]
  table.answered(one)
  table.answered(two)
  table.failed(one.address)
  table.answered(one)
  table.failed(one.address)
  expect(table.all).toHaveLength(2)
  table.failed(one.address)
  expect(table.all.map(({ address }) => address)).toEqual([two.address])
})

test('the place of a node is not for who says its id, nor are there two at one address', () => {
  const table = new NodeTable(own)
  const one = contact(0x80, '1')
  table.answered(one)
  expect(table.answered({ ...one, address: contact(0, '2').address })).toBe(false)
  expect(table.answered({ ...contact(0x40, '3'), address: one.address })).toBe(false)
  expect(table.answered({ id: own, address: contact(0, '4').address })).toBe(false)
  expect(table.all).toEqual([expect.objectContaining(one)])
})

test('the nearest comes first, by XOR', () => {
  const ids = [0b1000, 0b0110, 0b0101].map((byte) => ({ id: Buffer.of(byte) }))
  expect(ids.sort(byDistanceTo(Buffer.of(0b0100))).map(({ id }) => id[0])).toEqual([5, 6, 8])
})
