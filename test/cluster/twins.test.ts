import { beforeEach, expect, test } from '@jest/globals'
import type { ClusterNode } from '../../cluster/nodes.ts'
import { Twins } from '../../cluster/twins.ts'
import { fakeClock } from '../cache/fixture.ts'

const facts = { version: '1', draining: false, freeBytes: 1 }
const self: ClusterNode = {
  ...{ ...facts, node: 'a', url: 'http://a', run: 'now', isSelf: true },
}
const copy = { ...facts, url: 'http://copy', run: 'copy' }
let clock: ReturnType<typeof fakeClock>
let lines: string[]
let twins: Twins
beforeEach(() => {
  clock = fakeClock()
  lines = []
  const log = {
    error: ({ url }: { url: string }, text: string) => void lines.push(`${url} ${text}`),
  }
  twins = new Twins({ clock, log: log as never, lastingMs: 10_000 })
})

const look = (before: typeof copy | undefined, others: readonly ClusterNode[] = []): void =>
  twins.look({ self, others, before })

test('a server with the same id, again and again, is told once', () => {
  for (let beats = 0; beats < 2; beats++) look(copy)
  expect(lines).toEqual([])
  for (let beats = 0; beats < 5; beats++) look(copy)
  expect(lines).toEqual([
    expect.stringMatching(/^http:\/\/copy another server has the id .*CACHE_DIR/),
  ])
})

test('the former run of this node, an earlier version and its own last word are no other server', () => {
  for (let beats = 0; beats < 5; beats++) {
    look(copy)
    look({ ...copy, run: 'now' })
    look(undefined)
    look({ ...facts, url: 'http://a' } as typeof copy)
  }
  expect(lines).toEqual([])
})

test('another node with the same URL is told once, when it has stayed', () => {
  const other = { ...self, node: 'b', isSelf: false }
  look(undefined, [other])
  clock.pass(9_000)
  look(undefined, [other])
  look(undefined)
  look(undefined, [other])
  clock.pass(9_000)
  look(undefined, [other])
  expect(lines).toEqual([])
  clock.pass(2_000)
  for (let beats = 0; beats < 3; beats++) look(undefined, [other])
  expect(lines).toEqual(['http://a another node has the same NODE_URL: each needs its own'])
})
