import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { newCounts } from '../../../cluster/cluster-counts.ts'
import { Spread } from '../../../player/elsewhere/spread.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { eventually, sleep } from '../../support/wait.ts'
import { silent } from '../fakes.ts'

const KEY = `${'ab'.repeat(20)}/2` as const
/** Longer than several tries. */
const A_WHILE_MS = 50

let tries: number
/** The nodes that it was to be copied from. */
let asked: string[]
/** What each try comes to, one after the other; then none succeeds. */
let outcomes: boolean[]
let counts: ReturnType<typeof newCounts>
let draining: AbortController
let spread: Spread

beforeEach(() => {
  tries = 0
  asked = []
  outcomes = []
  counts = newCounts()
  draining = new AbortController()
  spread = new Spread({
    cluster: {
      nodes: { other: (node: string) => asked.push(node) } as never,
      client: {} as never,
      counts,
    },
    downloads: {
      fetchBeside: async () => {
        tries++
        return outcomes.shift() ?? false
      },
    },
    ...({} as { store: never; janitor: never; blocklist: never; validateMetainfo: never }),
    spreadAfter: 2,
    draining: draining.signal,
    againMs: 1,
    log: silent,
  })
})

afterEach(() => draining.abort())

const viewer = (node = 'holder'): BytesPlayable =>
  spread.watched({ release() {} } as BytesPlayable, KEY, node)

test('what fails is tried again while many watch, and not once there is a copy', async () => {
  outcomes = [false, false, true]
  viewer()
  viewer()
  expect(tries).toBe(0)
  viewer()
  await eventually('a copy', () => counts.copies === 1)
  await sleep(A_WHILE_MS)
  expect(tries).toBe(3)
})

test('it is copied from the node that had it last', async () => {
  for (let n = 0; n < 3; n++) viewer()
  await eventually('tried again', () => tries > 1)
  viewer('another')
  await eventually('asked of the other one', () => asked.at(-1) === 'another')
})

test('when they have left, or the node is drained, nothing is tried any more', async () => {
  const all = [viewer(), viewer(), viewer()]
  await eventually('tried again', () => tries > 1)
  for (const one of all) one.release()
  await sleep(A_WHILE_MS)
  const then = tries
  await sleep(A_WHILE_MS)
  expect(tries).toBe(then)
  for (let n = 0; n < 3; n++) viewer()
  await eventually('tried for the next crowd', () => tries > then + 1)
  draining.abort()
  await sleep(A_WHILE_MS)
  const last = tries
  await sleep(A_WHILE_MS)
  expect(tries).toBe(last)
})
