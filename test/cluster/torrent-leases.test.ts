import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { createLeases } from '../../cache/index/leases.ts'
import { type ClusterCounts, newCounts } from '../../cluster/cluster-counts.ts'
import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { TorrentLeases } from '../../cluster/torrent-leases.ts'
import { systemClock } from '../../common/clock.ts'
import { eventually, sleep } from '../support/wait.ts'
import { silent } from '../torrent/engines.ts'

const timing = { ttlMs: 150, keepMs: 20, againMs: 50, awayMs: 10 }
let leases: ReturnType<typeof createLeases>
let away: boolean
let claims: number
let counts: ClusterCounts
const open: TorrentLeases[] = []

const index: Pick<CacheIndex, 'claim'> = {
  async claim(name, owner, ttlMs) {
    claims++
    if (away) throw new Error('away')
    const claim = leases.claim(name, owner, ttlMs)
    if (!claim.won) return claim
    const { lease } = claim
    const of = leases
    const renew = async (): Promise<boolean> => {
      if (away) throw new Error('away')
      return of === leases && lease.renew()
    }
    return { won: true, lease: { ...lease, renew } }
  },
}
const nodeOf = (node: string, cutOff?: Set<string>, times = timing): TorrentLeases => {
  const isCutOff = (other: string): boolean => cutOff?.has(other) ?? false
  const lines = { isCutOff, wasCutOff: isCutOff }
  const made = new TorrentLeases({
    ...{ index, node, counts, log: silent },
    ...{ lines, timing: times },
  })
  open.push(made)
  return made
}
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (e) => e,
  )

beforeEach(() => {
  leases = createLeases(systemClock)
  away = false
  claims = 0
  counts = newCounts()
})
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

describe('the lease of a torrent', () => {
  test('that is of no use here is another node’s as soon as nobody here needs it', async () => {
    const slow = { ...timing, ttlMs: 60_000, keepMs: 60_000 }
    const a = nodeOf('a', undefined, slow)
    const first = await a.hold('1')
    const second = await a.hold('1')
    first.release()
    a.leave('1')
    expect(await failure(nodeOf('b').hold('1'))).toBeInstanceOf(FetchedElsewhere)
    second.release()
    await eventually('it is given back', () => a.count === 0)
    const b = await nodeOf('b').hold('1')
    b.release()
    const third = await a.hold('2')
    third.release()
    a.leave('2')
    expect(a.count).toBe(0)
    a.leave('unknown')
  })

  test('is of one node; the other learns whose', async () => {
    const a = await nodeOf('a').hold('1')
    const error = await failure(nodeOf('b').hold('1'))
    expect(error).toBeInstanceOf(FetchedElsewhere)
    expect((error as FetchedElsewhere).node).toBe('a')
    expect(await a.confirm()).toBe(true)
    await nodeOf('b').hold('2')
  })

  test('is asked for once, however many need it, and kept for who comes next', async () => {
    const node = nodeOf('a')
    const all = await Promise.all([node.hold('1'), node.hold('1'), node.hold('1')])
    expect(claims).toBe(1)
    for (const one of all) one.release()
    for (const one of all) one.release()
    await node.hold('1')
    expect(claims).toBe(1)
  })

  test('is given back when nobody needs it', async () => {
    const a = nodeOf('a')
    const held = await a.hold('1')
    held.release()
    await eventually('given back', () => a.count === 0)
    await nodeOf('b').hold('1')
  })

  test('lasts as long as it is needed', async () => {
    const held = await nodeOf('a').hold('1')
    await sleep(4 * timing.ttlMs)
    expect(await failure(nodeOf('b').hold('1'))).toBeInstanceOf(FetchedElsewhere)
    expect(held.lost.aborted).toBe(false)
  })

  test('is lost by who was paused past it: told, and not confirmed', async () => {
    const held = await nodeOf('a').hold('1')
    away = true
    await sleep(2 * timing.ttlMs)
    away = false
    // As if somebody else had claimed it while this process stood still.
    leases.claim('torrent:1', 'b', 60_000)
    expect(await held.confirm()).toBe(false)
    expect(held.lost.aborted).toBe(true)
    expect(held.lost.reason).toBeInstanceOf(FetchedElsewhere)
    expect(counts.leasesLost).toBe(1)
  })

  test('that ran out without another owner is claimed anew, with a later fence', async () => {
    const held = await nodeOf('a').hold('1')
    const before = held.fence as number
    away = true
    await sleep(2 * timing.ttlMs)
    away = false
    expect(await held.confirm()).toBe(true)
    expect(held.fence).toBeGreaterThan(before)
    expect([held.lost.aborted, counts.leasesLost]).toEqual([false, 0])
  })

  test('is asked for again where the index does not answer for a moment, and once only while it is away', async () => {
    const [a, b] = [nodeOf('a'), nodeOf('b')]
    await a.hold('1')
    away = true
    const asked = failure(b.hold('1'))
    away = false
    expect(await asked).toBeInstanceOf(FetchedElsewhere)
    away = true
    await b.hold('2')
    const before = claims
    await b.hold('3')
    expect(claims - before).toBe(1)
  })

  test('is done without while the index is away, and claimed when it is back', async () => {
    away = true
    const held = await nodeOf('a').hold('1')
    expect([held.fence, await held.confirm()]).toEqual([undefined, true])
    away = false
    await eventually('claimed', () => held.fence !== undefined)
    expect(await failure(nodeOf('b').hold('1'))).toBeInstanceOf(FetchedElsewhere)
  })

  test('is claimed long before it would be renewed, by who was without one and by who had it', async () => {
    const patient = { ...timing, ttlMs: 3 * 3_600_000 }
    const had = await nodeOf('a', undefined, patient).hold('1')
    away = true
    const other = await nodeOf('b', undefined, patient).hold('2')
    expect([await had.confirm(), await other.confirm()]).toEqual([true, true])
    // As a Redis that is there again and empty.
    leases = createLeases(systemClock)
    away = false
    await eventually('who was without one has it', () => other.fence !== undefined)
    await eventually('who had it has it', () => leases.claim('torrent:1', 'c', 0).won === false)
  })

  test('of another node, learnt when the index is back: what is fetched here is left to that one', async () => {
    const patient = { ...timing, ttlMs: 3 * 3_600_000 }
    await nodeOf('a').hold('1')
    away = true
    const here = await nodeOf('b', undefined, patient).hold('1')
    away = false
    await eventually('left to the other', () => here.lost.aborted)
    expect(here.lost.reason).toBeInstanceOf(FetchedElsewhere)
  })

  test('handed back by a node that drains: others get it, what runs goes on and is not confirmed', async () => {
    const a = nodeOf('a')
    const held = await a.hold('1')
    await a.giveBack()
    await nodeOf('b').hold('1')
    expect(held.lost.aborted).toBe(false)
    expect(await held.confirm()).toBe(false)
  })

  test('of a node that is cut off keeps nobody waiting; what is fetched beside it is not published', async () => {
    const cutOff = new Set(['a'])
    const theirs = await nodeOf('a').hold('1')
    const held = await nodeOf('b', cutOff).hold('1')
    expect([held.fence, await held.confirm(), held.lost.aborted]).toEqual([undefined, false, false])
    expect(await theirs.confirm()).toBe(true)
  })

  test('of a node that was cut off, and can be reached again: it is left to that one', async () => {
    const cutOff = new Set(['a'])
    await nodeOf('a').hold('1')
    const held = await nodeOf('b', cutOff).hold('1')
    cutOff.clear()
    await eventually('left to the other', () => held.lost.aborted)
    expect(held.lost.reason).toBeInstanceOf(FetchedElsewhere)
    // It never was this node's.
    expect(counts.leasesLost).toBe(0)
  })

  test('of a node that was cut off, and has died: it is claimed', async () => {
    leases.claim('torrent:1', 'a', timing.ttlMs)
    const held = await nodeOf('b', new Set(['a'])).hold('1')
    await eventually('claimed', () => held.fence !== undefined)
    expect(await held.confirm()).toBe(true)
  })
})
