import { networkInterfaces } from 'node:os'
import { expect, test } from '@jest/globals'
import { KnownAddresses } from '../../../../torrent/engine/discovery/known-addresses.ts'
import { OwnAddresses } from '../../../../torrent/engine/discovery/own-addresses.ts'

const PORT = 6881
const local = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
const textOf = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

test.each([
  ...local.map(({ address }) => address),
  '127.0.0.1',
  '127.1.2.3',
  '::ffff:127.0.0.1',
  '192.0.2.9',
])('our own address %s is not kept, at another port it is', (address) => {
  const own = new OwnAddresses(PORT)
  own.seenAs('192.0.2.9')
  const known = new KnownAddresses(own)
  expect(known.add(textOf(address, PORT))).toBeUndefined()
  expect(known.add(textOf(address, PORT + 1))?.port).toBe(PORT + 1)
  expect(known.all.length).toBe(1)
})

test('of what others say of us the last few count', () => {
  const own = new OwnAddresses(PORT)
  for (let n = 0; n < 50; n++) own.seenAs(`192.0.2.${n}`)
  const isOurs = (n: number): boolean =>
    new KnownAddresses(own).add(`192.0.2.${n}:${PORT}`) === undefined
  expect([isOurs(1), isOurs(49)]).toEqual([false, true])
})

test('of more than 200 those named last are kept, each once', () => {
  const known = new KnownAddresses(new OwnAddresses(PORT))
  for (let n = 1; n <= 300; n++) known.add(`192.0.2.1:${n}`)
  known.add('192.0.2.1:101')
  known.add('no address')
  expect([known.all.length, known.all[0], known.all.at(-1)]).toEqual([
    200,
    '192.0.2.1:102',
    '192.0.2.1:101',
  ])
})
