import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { eventually } from '../support/wait.ts'
import { type At, entries, entry, key } from './index-entries.ts'

const HOUR = 3_600_000

/** What the test of a backend gives to the suite: an empty index, and a way to let time pass. */
export interface IndexUnderTest {
  readonly index: CacheIndex
  /** Lets `ms` pass for times to live and leases. */
  pass(ms: number): Promise<void>
  end(): Promise<void>
}

/** Names and text that came from torrents and viewers. */
const ODD = [
  '',
  ' ',
  "'; DROP TABLE entries; --",
  'a\u0000b',
  '{x}:y*?[z]',
  '日本語 🎬',
  'e\u0301\u202e\ufeff',
  'two\nlines\r\n\t"quoted" \\',
  '%s $1 :name ? @p {0}',
  'constructor',
  '__proto__',
]

function values(at: At, pass: (ms: number) => Promise<void>): void {
  test('an unknown value is undefined; a written one is read back with a revision', async () => {
    expect(await at().readValue('book:tt1')).toBeUndefined()
    expect(await at().writeValue('book:tt1', { a: [1, null, 'x'] }, 0, HOUR)).toBe(true)
    const stored = await at().readValue('book:tt1')
    expect(stored?.value).toEqual({ a: [1, null, 'x'] })
    expect(stored?.revision).toBeGreaterThan(0)
  })

  test('compare-and-set: only a writer that knows the revision writes', async () => {
    await at().writeValue('n', 'one', 0, HOUR)
    expect(await at().writeValue('n', 'again', 0, HOUR)).toBe(false)
    const first = (await at().readValue('n'))?.revision ?? -1
    expect(await at().writeValue('n', 'two', first, HOUR)).toBe(true)
    expect(await at().writeValue('n', 'late', first, HOUR)).toBe(false)
    expect(await at().writeValue('other', 'x', first, HOUR)).toBe(false)
    const second = await at().readValue('n')
    expect(second?.value).toBe('two')
    expect(second?.revision).not.toBe(first)
  })

  test('of many writers with one revision exactly one wins', async () => {
    await at().writeValue('n', -1, 0, HOUR)
    const { revision } = (await at().readValue<number>('n')) ?? { revision: -1 }
    const numbers = Array.from({ length: 20 }, (_, i) => i)
    const won = await Promise.all(numbers.map((i) => at().writeValue('n', i, revision, HOUR)))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect((await at().readValue('n'))?.value).toBe(won.indexOf(true))
  })

  test.each([null, false, 0, '', [], {}])('the value %j comes back', async (value) => {
    expect(await at().writeValue('n', value, 0, HOUR)).toBe(true)
    const stored = await at().readValue('n')
    expect(stored?.value).toEqual(value)
    expect(stored?.revision).toBeGreaterThan(0)
  })

  test('writing again gives a value its new time to live', async () => {
    await at().writeValue('n', 1, 0, 500)
    const { revision = -1 } = (await at().readValue('n')) ?? {}
    await at().writeValue('n', 2, revision, HOUR)
    await pass(700)
    expect((await at().readValue('n'))?.value).toBe(2)
  })

  test('a value ends with its time to live; it can then be written as a new one', async () => {
    await at().writeValue('short', 1, 0, 500)
    await at().writeValue('long', 1, 0, 60_000)
    await pass(700)
    expect(await at().readValue('short')).toBeUndefined()
    expect((await at().readValue('long'))?.value).toBe(1)
    expect(await at().writeValue('short', 2, 0, 500)).toBe(true)
    expect((await at().readValue('short'))?.value).toBe(2)
  })

  test('the revision of a value that ended does not match its successor', async () => {
    await at().writeValue('n', 1, 0, 200)
    const old = (await at().readValue('n'))?.revision ?? -1
    await pass(400)
    await at().writeValue('n', 2, 0, HOUR)
    expect(await at().writeValue('n', 3, old, HOUR)).toBe(false)
    expect((await at().readValue('n'))?.value).toBe(2)
  })

  test('a change of the object that was read changes no value', async () => {
    await at().writeValue('n', { list: [1] }, 0, HOUR)
    const stored = await at().readValue<{ list: number[] }>('n')
    stored?.value.list.push(2)
    expect((await at().readValue('n'))?.value).toEqual({ list: [1] })
  })

  test('odd characters in names and values, and 1 MB of text', async () => {
    for (const text of ODD) {
      expect(await at().writeValue(`book:${text}`, { text }, 0, HOUR)).toBe(true)
      expect((await at().readValue(`book:${text}`))?.value).toEqual({ text })
      await at().save(entry(1, { name: text, node: `n${text}` }))
      const nodes = (await at().find(key(1))).filter((e) => e.name === text)
      expect(nodes.map(({ node }) => node)).toEqual([`n${text}`])
    }
    const large = 'ü'.repeat(500_000)
    await at().writeValue('large', large, 0, HOUR)
    expect((await at().readValue('large'))?.value).toBe(large)
  })
}

const ROOM = 200_000

/** What all values may take: `make` gives an index with room for 200 KB. */
function bounds(make: MakeIndex): void {
  let under: IndexUnderTest
  beforeEach(async () => {
    under = await make({ maxValueBytes: ROOM })
  })
  afterEach(() => under.end())
  const write = async (name: string, value: unknown): Promise<void> => {
    const { revision = 0 } = (await under.index.readValue(name)) ?? {}
    expect(await under.index.writeValue(name, value, revision, HOUR)).toBe(true)
  }
  const isThere = async (name: string) => (await under.index.readValue(name)) !== undefined
  /** A shared backend is told a little later. */
  const withinRoom = () =>
    eventually('values within their room', async () => {
      const { used, max } = await under.index.valueBytes()
      expect(max).toBe(ROOM)
      return used > 0 && used <= ROOM
    })

  test('are kept, and the values that were not used for longest go', async () => {
    for (let n = 0; n < 40; n++) {
      await write(`book:tt${n}`, 'x'.repeat(16_000))
      await withinRoom()
    }
    expect([await isThere('book:tt0'), await isThere('book:tt20')]).toEqual([false, false])
    expect([await isThere('book:tt38'), await isThere('book:tt39')]).toEqual([true, true])
  })

  test('a value that is read or written again and again stays beside hostile ones', async () => {
    await write('book:read', { honest: true })
    for (let n = 0; n < 30; n++) {
      await write('book:written', n)
      expect(await under.index.readValue('book:read')).toMatchObject({ value: { honest: true } })
      // Characters that take one, two, three and four bytes, and one that JSON escapes.
      const text = ['x', 'ü', '日', '🎬', '\u0001'][n % 5] ?? ''
      await write(`book:hostile${n}`, text.repeat(12_000))
      await withinRoom()
    }
    expect((await under.index.readValue('book:written'))?.value).toBe(29)
    expect(await isThere('book:hostile0')).toBe(false)
  })

  test('many small values count with their names', async () => {
    const names = Array.from({ length: 1500 }, (_, n) => `auto:${'n'.repeat(200)}${n}`)
    for (const name of names) await under.index.writeValue(name, 0, 0, HOUR)
    await withinRoom()
    const left = (await Promise.all(names.map(isThere))).filter(Boolean).length
    expect(left).toBeGreaterThan(100)
    expect(left).toBeLessThan(1000)
  })

  test('a value that is too large is forgotten at once, and pushes nothing out', async () => {
    await write('book:small', 1)
    await write('book:large', 'before')
    await write('book:large', 'x'.repeat(ROOM))
    await write('book:other', 'x'.repeat(2 * ROOM))
    expect([await isThere('book:large'), await isThere('book:other')]).toEqual([false, false])
    expect(await isThere('book:small')).toBe(true)
    await write('book:large', 'after')
    expect((await under.index.readValue('book:large'))?.value).toBe('after')
  })

  test('a forgotten value can be written as a new one; its revision matches nothing', async () => {
    await write('book:tt1', 1)
    const old = (await under.index.readValue('book:tt1'))?.revision ?? -1
    for (let n = 0; n < 20; n++) {
      await write(`book:other${n}`, 'x'.repeat(16_000))
      await withinRoom()
    }
    expect(await isThere('book:tt1')).toBe(false)
    expect(await under.index.writeValue('book:tt1', 2, old, HOUR)).toBe(false)
    await write('book:tt1', 3)
    expect((await under.index.readValue('book:tt1'))?.revision).not.toBe(old)
  })
}

function claims(at: At, pass: (ms: number) => Promise<void>): void {
  test('one owner at a time; others learn who it is', async () => {
    const first = await at().claim('fetch:1', 'a', 5000)
    const second = await at().claim('fetch:1', 'b', 5000)
    expect(first.won).toBe(true)
    expect(second).toEqual({ won: false, owner: 'a' })
    expect((await at().claim('fetch:2', 'b', 5000)).won).toBe(true)
  })

  test('the owner gets it anew, with a later fence, and what it had is lost', async () => {
    const first = await at().claim('x', 'a', 5000)
    const second = await at().claim('x', 'a', 5000)
    if (!first.won || !second.won) throw new Error('not won')
    expect(second.lease.fence).toBeGreaterThan(first.lease.fence)
    expect(await first.lease.renew()).toBe(false)
    await first.lease.release()
    expect(await second.lease.renew()).toBe(true)
    expect(await at().claim('x', 'b', 5000)).toEqual({ won: false, owner: 'a' })
  })

  test('of many at once exactly one wins', async () => {
    const owners = Array.from({ length: 20 }, (_, i) => `node-${i}`)
    const all = await Promise.all(owners.map((owner) => at().claim('x', owner, 5000)))
    expect(all.filter(({ won }) => won)).toHaveLength(1)
  })

  test('released: free at once, and the fence grows', async () => {
    const first = await at().claim('x', 'a', 5000)
    if (!first.won) throw new Error('not won')
    await first.lease.release()
    await first.lease.release()
    const second = await at().claim('x', 'b', 5000)
    if (!second.won) throw new Error('not won')
    expect(second.lease.fence).toBeGreaterThan(first.lease.fence)
    expect(await first.lease.renew()).toBe(false)
    await first.lease.release()
    expect((await at().claim('x', 'c', 5000)).won).toBe(false)
  })

  test('an owner that lost its lease cannot release the next owner’s', async () => {
    const first = await at().claim('x', 'a', 300)
    if (!first.won) throw new Error('not won')
    await pass(500)
    const second = await at().claim('x', 'b', 5000)
    if (!second.won) throw new Error('not won')
    await first.lease.release()
    expect(await at().claim('x', 'c', 5000)).toEqual({ won: false, owner: 'b' })
    expect(await second.lease.renew()).toBe(true)
  })

  test('odd names are all different names', async () => {
    for (const name of ODD) expect((await at().claim(name, `owner ${name}`, 5000)).won).toBe(true)
    for (const name of ODD) {
      expect(await at().claim(name, 'other', 5000)).toEqual({ won: false, owner: `owner ${name}` })
    }
  })

  test('a lease runs out unless renewed; an owner that slept past it can tell', async () => {
    const first = await at().claim('x', 'a', 600)
    if (!first.won) throw new Error('not won')
    await pass(400)
    expect(await first.lease.renew()).toBe(true)
    await pass(400)
    expect((await at().claim('x', 'b', 600)).won).toBe(false)
    await pass(400)
    expect(await first.lease.renew()).toBe(false)
    const second = await at().claim('x', 'b', 5000)
    if (!second.won) throw new Error('not won')
    expect(second.lease.fence).toBeGreaterThan(first.lease.fence)
    expect(await first.lease.renew()).toBe(false)
    expect(await second.lease.renew()).toBe(true)
  })
}

type MakeIndex = (options?: { readonly maxValueBytes?: number }) => Promise<IndexUnderTest>

/** What a backend does beyond the plain one of docs/add-a-backend.md, which nothing bounds. */
function announcements(at: At, pass: (ms: number) => Promise<void>): void {
  const said = async (node: string, about: unknown = {}, ttlMs = 60_000) =>
    [...(await at().announce(node, about, ttlMs))].sort((a, b) => a.node.localeCompare(b.node))

  test('all learn of all, and of what each says last', async () => {
    expect(await said('a', { url: 'http://a', n: 1 })).toEqual([
      { node: 'a', about: { url: 'http://a', n: 1 } },
    ])
    await said('b', { name: 'späť \u0000 "' })
    expect(await said('a', { n: 2 })).toEqual([
      { node: 'a', about: { n: 2 }, before: { url: 'http://a', n: 1 } },
      { node: 'b', about: { name: 'späť \u0000 "' } },
    ])
  })

  test('one that is silent for too long, or takes its leave, is gone', async () => {
    await said('a', {}, 300)
    await said('b')
    await pass(400)
    expect((await said('c')).map(({ node }) => node)).toEqual(['b', 'c'])
    await at().withdraw('b')
    await at().withdraw('unknown')
    expect((await said('c')).map(({ node }) => node)).toEqual(['c'])
  })
}

export function boundedIndexContract(name: string, make: MakeIndex): void {
  describe(`cache index: the bytes of values in ${name}`, () => bounds(make))
}

/** The suite that every backend passes (docs/add-a-backend.md). */
export function cacheIndexContract(name: string, make: MakeIndex): void {
  describe(`cache index: ${name}`, () => {
    let under: IndexUnderTest
    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.end())

    const at: At = () => under.index
    const pass = (ms: number): Promise<void> => under.pass(ms)
    describe('entries', () => entries(at))
    describe('values', () => values(at, pass))
    describe('claims', () => claims(at, pass))
    describe('announcements', () => announcements(at, pass))

    test('has the name of its setting', () => {
      expect(under.index.name).toBe(name)
      expect(under.index.connected).toBe(true)
    })

    test('closing twice is no error', async () => {
      await under.index.close()
      await expect(under.index.close()).resolves.toBeUndefined()
    })
  })
}
