import { setImmediate } from 'node:timers/promises'
import { beforeEach, expect, test } from '@jest/globals'
import type { CacheEntry } from '../../cache/index/cache-index.ts'
import { FilesElsewhere } from '../../cluster/files-elsewhere.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import { fakeClock, key } from '../cache/fixture.ts'
import { silent } from '../torrent/engines.ts'

const nodeOf = (node: string, more: Partial<ClusterNode> = {}): ClusterNode => ({
  ...{ node, url: `http://${node}`, version: '1', draining: false, freeBytes: 1, isSelf: false },
  ...more,
})
const entryOf = (i: number, node: string, complete = true): CacheEntry => ({
  ...{ key: key(i), node, name: '', size: 1, bytes: 1, complete, storedAt: 0, usedAt: 0 },
})

let clock: ReturnType<typeof fakeClock>
let all: ClusterNode[]
let entries: CacheEntry[]
let unreachable: Set<string>
let denied: Set<string>
let asked: string[]
let away: boolean
let files: FilesElsewhere

beforeEach(() => {
  clock = fakeClock()
  all = [nodeOf('a', { isSelf: true }), nodeOf('b'), nodeOf('c')]
  entries = [entryOf(1, 'b'), entryOf(2, 'b', false), entryOf(3, 'a'), entryOf(4, 'c')]
  unreachable = new Set()
  denied = new Set()
  asked = []
  away = false
  files = new FilesElsewhere({
    index: {
      async leastRecent(node, limit) {
        asked.push(node)
        if (away) throw new Error('away')
        return entries.filter((each) => each.node === node).slice(0, limit)
      },
    },
    nodes: {
      get others() {
        return all.filter(({ isSelf }) => !isSelf)
      },
      other: (node) => all.find((each) => each.node === node && !unreachable.has(node)),
    },
    client: { saidNo: (node, file) => denied.has(`${node} ${file}`) },
    ...{ clock, log: silent },
  })
})

const known = (): number[] => [1, 2, 3, 4].filter((i) => files.has(key(i)))
const hasTorrent = (i: number): boolean => files.hasTorrent(key(i).slice(0, 40))

test('knows the complete files of the other nodes', async () => {
  expect([known(), files.isEmpty]).toEqual([[], true])
  await files.refresh()
  expect(known()).toEqual([1, 4])
  expect([1, 2, 3, 4].map(hasTorrent)).toEqual([true, false, false, true])
  expect(files.isEmpty).toBe(false)
})

test('believes nothing of who has gone, drains, is out of reach, or said that it has not got it', async () => {
  await files.refresh()
  unreachable.add('b')
  expect(known()).toEqual([4])
  denied.add(`c ${key(4)}`)
  expect(known()).toEqual([])
  unreachable.clear()
  all = [nodeOf('a', { isSelf: true }), nodeOf('b', { draining: true })]
  expect(known()).toEqual([])
  await files.refresh()
  expect([1, 4].map(hasTorrent)).toEqual([true, false])
})

test('asks once for many lists, and again after a while: what was known is said meanwhile', async () => {
  await Promise.all([files.refresh(), files.refresh(), files.refresh()])
  await files.refresh()
  expect(asked).toEqual(['b', 'c'])
  entries = [entryOf(2, 'b')]
  clock.pass(60_000)
  const again = files.refresh()
  expect(known()).toEqual([1, 4])
  await again
  await files.refresh()
  expect(asked.length).toBe(4)
  expect(known()).toEqual([2])
})

test('a node with many files is asked less often', async () => {
  entries = Array.from({ length: 3000 }, (_, i) => entryOf(i, 'b'))
  await files.refresh()
  clock.pass(10_000)
  await files.refresh()
  expect(asked).toEqual(['b', 'c', 'c'])
  // What was asked behind the list's back is over.
  await setImmediate()
  clock.pass(30_000)
  await files.refresh()
  expect(asked.filter((node) => node === 'b').length).toBe(2)
})

test('while the index is away: what was known stays', async () => {
  await files.refresh()
  away = true
  clock.pass(60_000)
  await files.refresh()
  await files.refresh()
  expect(known()).toEqual([1, 4])
})
