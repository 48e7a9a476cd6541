import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createAnnouncements } from '../../cache/index/announcements.ts'
import type { AnnouncedNode, CacheIndex } from '../../cache/index/cache-index.ts'
import { Nodes } from '../../cluster/nodes.ts'
import { Fault } from '../../common/errors.ts'
import { fakeClock } from '../cache/fixture.ts'
import { silent } from '../torrent/engines.ts'

const HOUR = 3_600_000
let clock: ReturnType<typeof fakeClock>
let index: Pick<CacheIndex, 'announce' | 'withdraw'>
/** What another program wrote beside the nodes. */
let foreign: AnnouncedNode[]
let away: boolean
/** Errors and warnings in the log. */
let lines: string[]
const open: Nodes[] = []

beforeEach(() => {
  clock = fakeClock()
  foreign = []
  away = false
  lines = []
  const shared = createAnnouncements(clock)
  index = {
    async announce(...said) {
      if (away) throw new Error('away')
      return [...(await shared.announce(...said)), ...foreign]
    },
    withdraw: (node) => shared.withdraw(node),
  }
})
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

/** Its heartbeats are the test's. */
async function nodeOf(node: string, draining = false): Promise<Nodes> {
  const url = `http://${node}.example:7000`
  const about = async () => ({ url, version: '1.2.3', draining, freeBytes: 5 })
  const timing = { everyMs: HOUR, goneAfterMs: 10_000 }
  const error = (said: { url?: string; reason?: string }): void =>
    void lines.push(`${said.url}: ${said.reason}`)
  const log = Object.assign(Object.create(silent), { error, warn: error }) as never
  const nodes = new Nodes({ index, node, about, clock, log, timing })
  open.push(nodes)
  await nodes.start()
  return nodes
}

const namesOf = (nodes: Nodes): string[] => nodes.all.map(({ node }) => node).sort()

describe('the nodes of a cluster', () => {
  test('learn of each other, and what each says of itself', async () => {
    const a = await nodeOf('a')
    const b = await nodeOf('b', true)
    expect(a.other('b')).toBeUndefined()
    await a.beat()
    expect(namesOf(a)).toEqual(['a', 'b'])
    expect(a.other('b')).toMatchObject({ url: 'http://b.example:7000', draining: true })
    expect(b.other('a')).toMatchObject({ freeBytes: 5, isSelf: false })
    expect(a.other('a')).toBeUndefined()
    expect(a.other('c')).toBeUndefined()
  })

  test('are seen as they are: there, draining, not to be reached for a while', async () => {
    const a = await nodeOf('a')
    await nodeOf('b', true)
    await a.beat()
    const b = a.other('b')
    if (!b) throw new Error('no b')
    expect(a.stateOf(b)).toBe('draining')
    a.markUnreachable('b')
    expect(a.stateOf(b)).toBe('unreachable')
    clock.pass(60_000)
    expect(a.stateOf({ ...b, draining: false })).toBe('there')
  })

  test('one that is not heard of is gone, and whoever reads from it is told', async () => {
    const a = await nodeOf('a')
    await nodeOf('b')
    await a.beat()
    const gone = a.goneSignal('b')
    expect(a.goneSignal('unknown').aborted).toBe(true)
    clock.pass(9_000)
    await a.beat()
    expect([gone.aborted, namesOf(a)]).toEqual([false, ['a', 'b']])
    clock.pass(2_000)
    await a.beat()
    expect([gone.aborted, namesOf(a)]).toEqual([false, ['a', 'b']])
    for (let beats = 0; beats < 3; beats++) await a.beat()
    expect([gone.aborted, namesOf(a)]).toEqual([true, ['a']])
    expect(a.goneSignal('b').aborted).toBe(true)
  })

  test('one that could not be reached is left out for a while', async () => {
    const a = await nodeOf('a')
    await nodeOf('b')
    await a.beat()
    a.markUnreachable('b')
    expect(a.other('b')).toBeUndefined()
    clock.pass(5_001)
    expect(a.other('b')).toBeDefined()
  })

  test('one that refuses what is handed to it is cut off at once, and named in the log once', async () => {
    const a = await nodeOf('a')
    await nodeOf('b')
    await a.beat()
    const b = a.other('b')
    if (!b) throw new Error('no b')
    const clocks = new Fault('NODE_CLOCK', { message: 'Set them right.' })
    a.markMisfit(b, clocks)
    expect([a.other('b'), a.isCutOff('b'), a.mayAnswerSoon('b')]).toEqual([undefined, true, false])
    clock.pass(5_001)
    expect([a.other('b')?.node, a.isCutOff('b'), a.wasCutOff('b')]).toEqual(['b', false, true])
    a.markMisfit(b, clocks)
    expect(lines).toEqual(['http://b.example:7000: Set them right.'])
    a.markReached('b')
    expect([a.isCutOff('b'), a.wasCutOff('b')]).toEqual([false, false])
    a.markMisfit(b, clocks)
    expect(lines.length).toBe(2)
    // Mended and started anew: one that does not answer at once is no line that failed for long.
    a.markUnreachable('b')
    expect(a.isCutOff('b')).toBe(false)
    const twin = { url: b.url, version: '1', draining: false, freeBytes: 1 }
    foreign = [{ node: 'c', about: twin }]
    await a.beat()
    a.markReached('b')
    a.markMisfit(b, clocks)
    expect([a.isCutOff('b'), lines.length]).toEqual([true, 2])
  })

  test('one that nobody has reached, however seldom it was tried, is named in the log once, with why', async () => {
    const a = await nodeOf('a')
    await nodeOf('b')
    const fail = (): void => a.markUnreachable('b', { reason: 'self-signed certificate' })
    fail()
    clock.pass(1_000)
    fail()
    expect(lines).toEqual([])
    a.markReached('b')
    fail()
    clock.pass(HOUR)
    fail()
    clock.pass(HOUR)
    fail()
    expect(lines).toEqual(['undefined: self-signed certificate'])
  })

  test('one that has the URL of another is named in the log, once it has stayed', async () => {
    const a = await nodeOf('a')
    const url = 'http://a.example:7000'
    foreign = [{ node: 'b', about: { url, version: '1', draining: false, freeBytes: 1 } }]
    await a.beat()
    clock.pass(9_000)
    await a.beat()
    expect(lines).toEqual([])
    clock.pass(HOUR + 1_000)
    await a.beat()
    await a.beat()
    expect(lines).toEqual([`${url}: undefined`])
  })

  test('those of the last answer stay while the index is away', async () => {
    const a = await nodeOf('a')
    await nodeOf('b')
    await a.beat()
    away = true
    clock.pass(60_000)
    await a.beat()
    expect(a.other('b')).toBeDefined()
  })

  test('one that drains and ends is gone at once', async () => {
    const a = await nodeOf('a')
    const b = await nodeOf('b', true)
    await a.beat()
    await b.close()
    await a.beat()
    expect(namesOf(a)).toEqual(['a'])
  })

  test.each([
    undefined,
    'text',
    {},
    { url: 'http://x', version: '1', draining: false },
    { url: 'file:///etc/passwd', version: '1', draining: false, freeBytes: 0 },
    { url: 'http://user:secret@x', version: '1', draining: false, freeBytes: 0 },
    { url: 'http://x?y', version: '1', draining: false, freeBytes: 0 },
    { url: `http://${'x'.repeat(2000)}`, version: '1', draining: false, freeBytes: 0 },
    { url: 'http://x', version: '1', draining: 'no', freeBytes: 0 },
    { url: 'http://x', version: '1', draining: false, freeBytes: -1 },
  ])('what is not said as nodes say it is no node: %j', async (about) => {
    foreign = [{ node: 'x', about }]
    const a = await nodeOf('a')
    expect(namesOf(a)).toEqual(['a'])
  })
})
