import { expect, test } from '@jest/globals'
import { RateLimit } from '../../../../torrent/engine/swarm/rate-limit.ts'
import type { SwarmEvents } from '../../../../torrent/engine/swarm/swarm.ts'
import { uploadStore } from '../../../../torrent/engine/webtorrent/upload-store.ts'
import type { WtTorrent } from '../../../../torrent/engine/webtorrent/webtorrent-types.ts'

const KB = 1000
/** A store of a torrent of four pieces, of which we have the first. */
function storeWith(limit: RateLimit) {
  const outcomes: ('read' | 'refused')[] = []
  const read = async (): Promise<Uint8Array> => new Uint8Array(1)
  const Store = uploadStore({ read } as unknown as SwarmEvents, limit)
  const bitfield = { get: (piece: number) => piece === 0 }
  const store = new Store(16, { torrent: { pieces: Array(4), bitfield } as unknown as WtTorrent })
  const ask = (piece: number): void =>
    store.get(piece, { offset: 0, length: 128 * KB }, (err) =>
      outcomes.push(err ? 'refused' : 'read'),
    )
  return { ask, outcomes }
}

test('requests that wait are bounded: peers that come and go cannot fill the memory', () => {
  const limit = new RateLimit(KB)
  const { ask, outcomes } = storeWith(limit)
  for (let n = 0; n < 10_000; n++) ask(0)
  expect(outcomes).toEqual(Array(9500).fill('refused'))
  limit.close()
})

test.each([1, 4, -1, 0xffffffff])(
  'piece %d, which we do not have, takes nothing of the limit',
  (piece) => {
    const limit = new RateLimit(KB)
    const { ask, outcomes } = storeWith(limit)
    for (let n = 0; n < 100; n++) ask(piece)
    expect(outcomes).toEqual(Array(100).fill('refused'))
    limit.close()
  },
)

test('what was waited for is read, and others may wait then', async () => {
  const { ask, outcomes } = storeWith(new RateLimit(-1))
  for (let n = 0; n < 600; n++) ask(0)
  expect(outcomes).toHaveLength(100)
  await new Promise((resolve) => setImmediate(resolve))
  ask(0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(outcomes.filter((one) => one === 'read')).toHaveLength(501)
})
