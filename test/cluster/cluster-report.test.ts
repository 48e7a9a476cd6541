import { beforeEach, expect, test } from '@jest/globals'
import { newCounts } from '../../cluster/cluster-counts.ts'
import { ClusterReport } from '../../cluster/cluster-report.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import { fakeClock } from '../cache/fixture.ts'

const about = { version: '1.2.3', draining: false, freeBytes: 7 }
const nodeOf = (node: string, more: Partial<ClusterNode> = {}): ClusterNode => ({
  ...{ ...about, node, url: `http://${node}.example`, isSelf: false },
  ...more,
})

let clock: ReturnType<typeof fakeClock>
let all: ClusterNode[]
let asked: string[]
let away: boolean

function report(): ClusterReport {
  const counts = { ...newCounts(), relayedBytes: 5 }
  return new ClusterReport({
    index: {
      async totals(node = '') {
        asked.push(node)
        if (away) throw new Error('away')
        return { files: 2, bytes: 300 }
      },
    },
    nodes: {
      get others() {
        return all.filter(({ isSelf }) => !isSelf)
      },
      stateOf: ({ draining }) => (draining ? 'draining' : 'there'),
    },
    ...{ node: 'a', version: '1.2.4', counts, clock },
    ...{ torrents: { count: 3 }, handed: { count: 4 } },
  })
}

beforeEach(() => {
  clock = fakeClock()
  asked = []
  away = false
  all = [nodeOf('c', { draining: true }), nodeOf('a', { isSelf: true }), nodeOf('b', { plays: 6 })]
})

test('tells of the others what they say and hold, and of this node what it did; no addresses', async () => {
  const told = await report().stats()
  const stored = { version: '1.2.3', freeBytes: 7, files: 2, bytes: 300 }
  expect(told).toEqual({
    ...{ node: 'a', version: '1.2.4', handedOver: 4, leases: 3 },
    others: [
      { node: 'b', state: 'there', plays: 6, ...stored },
      { node: 'c', state: 'draining', plays: null, ...stored },
    ],
    totals: { relayedBytes: 5, handedBytes: 0, leasesLost: 0, takeovers: 0, copies: 0 },
  })
  expect(JSON.stringify(told)).not.toContain('example')
})

test('asks the index for each other node once a second at most, whoever looks', async () => {
  const one = report()
  const stats = () => one.stats()
  await Promise.all([stats(), stats(), stats()])
  await stats()
  expect(asked.sort()).toEqual(['b', 'c'])
  clock.pass(1_000)
  await stats()
  expect(asked.length).toBe(4)
})

test('of a thousand nodes the index is asked about fifty; the others are told without', async () => {
  all = Array.from({ length: 1000 }, (_, i) => nodeOf(`n${i}`))
  const { others } = await report().stats()
  expect([others.length, asked.length]).toEqual([1000, 50])
  expect(others.filter(({ files }) => files === null).length).toBe(950)
})

test('while the index is away: what they hold is not told, the rest is', async () => {
  away = true
  const { others } = await report().stats()
  expect(others).toMatchObject([
    { node: 'b', files: null, bytes: null },
    { node: 'c', files: null, bytes: null },
  ])
})
