import { describe, expect, test } from '@jest/globals'
import type { Block } from '../../../torrent/engine/blocks/block.ts'
import { ConnectedPeers } from '../../../torrent/engine/connected-peers.ts'
import { BannedPeers } from '../../../torrent/engine/peers/banned-peers.ts'
import { PiecePicker } from '../../../torrent/engine/picker/piece-picker.ts'
import { prioritize } from '../../../torrent/engine/picker/priorities.ts'
import type { SwarmPeer } from '../../../torrent/engine/swarm/swarm.ts'

/** Resolves after what was put off until the next turn. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Connections of one host, each from a port of its own; answers why each was dropped. */
async function liars(address: (port: number) => string, count: number, incoming: boolean) {
  const peers = new ConnectedPeers(() => {})
  const dropped: (string | undefined)[] = []
  for (let n = 0; n < count; n++) {
    const at = dropped.push(undefined) - 1
    const peer: SwarmPeer = {
      id: `${n}`,
      address: address(50_000 + n),
      incoming,
      maxQueue: 1,
      choked: false,
      received: 0,
      has: () => true,
      request: () => {},
      cancel: () => {},
      drop: (why) => {
        dropped[at] = why
        peers.gone(peer)
      },
    }
    peers.joined(peer)
    await nextTurn()
    if (dropped[at] !== undefined) continue
    dropped[at] = 'taken'
    peers.drop(peer.id, 'banned')
    await nextTurn()
    dropped[at] = 'taken'
  }
  return dropped
}

test('a peer that joins and then says how many requests it takes is asked for no more', () => {
  const asked: Block[] = []
  const peers = new ConnectedPeers(() => {})
  const picker = new PiecePicker(() => 1 << 20, peers)
  picker.setPriorities({ ...prioritize([], 0), order: [0], urgent: 1 })
  peers.serve(picker)
  const peer = {
    ...{ id: 'a', address: '192.0.2.1:6881', maxQueue: 250, choked: true, received: 0 },
    has: () => true,
    request: (block: Block) => void asked.push(block),
    cancel: () => {},
    drop: () => {},
  }
  peers.joined(peer)
  // Its extended handshake (BEP 10) comes after the first one.
  Object.assign(peer, { maxQueue: 2, choked: false })
  peers.changed(peer)
  expect(asked).toHaveLength(2)
})

describe('who sent wrong bytes and connects again', () => {
  test.each([
    ['IPv4', (port: number) => `192.0.2.1:${port}`],
    ['IPv4 in IPv6', (port: number) => `::ffff:192.0.2.1:${port}`],
    ['IPv6', (port: number) => `2001:db8::1:${port}`],
    ['other addresses of an IPv6 network', (port: number) => `2001:db8::${port - 49_000}:${port}`],
  ])('from another port of %s is refused from the fourth time on', async (_, address) => {
    expect(await liars(address, 6, true)).toEqual([
      ...['taken', 'taken', 'taken'],
      ...['banned', 'banned', 'banned'],
    ])
  })

  test('other ports of a host that we connect to are other peers', async () => {
    const outgoing = await liars((port) => `192.0.2.1:${port}`, 6, false)
    expect(outgoing).toEqual(Array(6).fill('taken'))
  })

  test('the same address is refused at once', async () => {
    expect(await liars(() => '192.0.2.1:6881', 3, false)).toEqual(['taken', 'banned', 'banned'])
  })
})

test('100,000 addresses that lied are not all remembered', () => {
  const banned = new BannedPeers()
  const address = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}:1`
  for (let n = 0; n < 100_000; n++) banned.ban({ address: address(n), incoming: true })
  const remembered = Array.from({ length: 100_000 }, (_, n) => n).filter((n) =>
    banned.isBanned({ address: address(n) }),
  )
  expect(remembered.length).toBe(2000)
})
