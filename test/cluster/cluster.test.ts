import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AnnouncedNode, CacheIndex } from '../../cache/index/cache-index.ts'
import { Cluster } from '../../cluster/cluster.ts'
import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { fileKey } from '../../common/bittorrent/file-key.ts'
import { systemClock } from '../../common/clock.ts'
import { silent } from '../torrent/engines.ts'

const KEY = fileKey('ab'.repeat(20), 2)
const about = { freeBytes: 1 }
let entries: { node: string; complete: boolean }[]
let cluster: Cluster

beforeEach(async () => {
  entries = []
  const named = ['b', 'c'].map((node): AnnouncedNode => {
    const url = `http://127.0.0.1:1/${node}`
    const freeBytes = node === 'c' ? 2 : 1
    return { node, about: { ...about, url, freeBytes, version: '1', draining: false } }
  })
  const index = {
    announce: async () => named,
    withdraw: async () => {},
    find: async () => entries.map((one) => ({ ...one, key: KEY, name: 'film.mkv', size: 5 })),
  }
  cluster = new Cluster({
    index: index as unknown as CacheIndex,
    about: async () => ({ ...about, url: 'http://127.0.0.1:1/a' }),
    ...{ node: 'a', secret: 'only-of-tests-0123456789-abcdefghij', version: '1' },
    ...{ clock: systemClock, log: silent },
  })
  await cluster.start()
})
afterEach(() => cluster.close())

const whoHasIt = (): Promise<string> =>
  cluster.expectNoHolder(KEY).then(
    () => 'nobody',
    (error: unknown) => (error instanceof FetchedElsewhere ? error.node : `${error}`),
  )

describe('who has a file', () => {
  test('is another node that has all of it', async () => {
    expect(await whoHasIt()).toBe('nobody')
    entries = [{ node: 'b', complete: false }]
    expect(await whoHasIt()).toBe('nobody')
    entries = [{ node: 'a', complete: true }]
    expect(await whoHasIt()).toBe('nobody')
    entries = [...entries, { node: 'b', complete: true }]
    expect(await whoHasIt()).toBe('b')
  })

  test('is one that answers before one that does not', async () => {
    entries = [
      { node: 'b', complete: true },
      { node: 'c', complete: true },
    ]
    cluster.nodes.markUnreachable('b')
    for (let i = 0; i < 20; i++) expect(await whoHasIt()).toBe('c')
  })

  test('is waited for where it is busy, and not where nothing listens any more', async () => {
    entries = [{ node: 'b', complete: true }]
    cluster.nodes.markUnreachable('b')
    expect(await whoHasIt()).toBe('b')
    cluster.nodes.markUnreachable('b', { refused: true })
    expect(await whoHasIt()).toBe('nobody')
  })
})

test('a viewer for whose film there is no room is sent to each other node once, that with most room first', async () => {
  const viewer = {}
  const next = (): string => {
    try {
      cluster.expectNoRoom('ab'.repeat(20), viewer)
      return 'nobody'
    } catch (error) {
      return error instanceof FetchedElsewhere ? error.node : `${error}`
    }
  }
  // Each may have said no only because the lease was on its way.
  const all = Array.from({ length: 7 }, next)
  expect(all).toEqual(['c', 'b', 'c', 'b', 'c', 'b', 'nobody'])
})
