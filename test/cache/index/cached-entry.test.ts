import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { cachedEntry } from '../../../cache/index/cached-entry.ts'
import { storedEntry } from '../../../cache/index/stored-entry.ts'
import { fakeIndex, handClock } from '../../sources/fakes.ts'

const shape = z.object({ name: z.string(), year: z.int().nullable() })
const film = { name: 'The General', year: 1926 }
const TTL_MS = 60_000
const MEMORY_MS = 1000

function open({ max = 10, index = fakeIndex() } = {}) {
  const clock = handClock()
  const options = { index, key: (id: string) => `names:${id}`, shape, ttlMs: TTL_MS }
  const entries = cachedEntry({ ...options, max, memory: { ttlMs: MEMORY_MS, clock } })
  return { index, clock, entries, stored: storedEntry(options) }
}

describe('a stored entry', () => {
  test('is written under its name for its time, and read back as plain JSON', async () => {
    const { stored, index } = open()
    expect(await stored.save('a', film, 0)).toBe(true)
    expect(index.writes).toEqual([{ name: 'names:a', ttlMs: TTL_MS }])
    expect(index.values.get('names:a')?.value).toEqual(film)
    expect(await stored.load('a')).toEqual({ value: film, revision: 1 })
    expect(await stored.load('b')).toEqual({ value: undefined, revision: 0 })
  })

  test('of another shape counts as none, and can be replaced', async () => {
    const { stored, index } = open()
    index.values.set('names:a', { value: { name: 7 }, revision: 3 })
    expect(await stored.load('a')).toEqual({ value: undefined, revision: 3 })
    expect(await stored.save('a', film, 3)).toBe(true)
    expect((await stored.load('a')).value).toEqual(film)
  })

  test('is not written over what somebody else wrote meanwhile', async () => {
    const { stored, index } = open()
    index.beforeWrite = () => index.values.set('names:a', { value: film, revision: 1 })
    const change = () => ({ name: 'Other', year: null })
    expect(await stored.update('a', change)).toBe(false)
    expect((await stored.load('a')).value).toEqual(film)
    expect(await stored.update('a', change)).toBe(true)
    expect((await stored.load('a')).value).toEqual({ name: 'Other', year: null })
  })

  test('is left as it is when there is nothing to change', async () => {
    const { stored, index } = open()
    await stored.save('a', film, 0)
    expect(await stored.update('a', (value) => (value ? undefined : film))).toBe(true)
    expect(index.writes).toHaveLength(1)
  })

  test('rejects while the index is away', async () => {
    const { stored, index } = open()
    index.down = true
    await expect(stored.load('a')).rejects.toThrow('down')
    await expect(stored.update('a', () => film)).rejects.toThrow('down')
  })
})

describe('a cached entry', () => {
  test('answers from memory what was read or written, also while the index is away', async () => {
    const { entries, index, stored } = open()
    await stored.save('a', film, 0)
    expect(entries.peek('a')).toBeUndefined()
    expect(await entries.read('a')).toEqual(film)
    await entries.save('b', film, 0)
    index.down = true
    expect([await entries.read('a'), entries.peek('b')]).toEqual([film, film])
  })

  test('asks the index again when its memory is too old', async () => {
    const { entries, clock, stored } = open()
    await entries.save('a', film, 0)
    await stored.update('a', () => ({ name: 'Other', year: null }))
    clock.now += MEMORY_MS - 1
    expect(await entries.read('a')).toEqual(film)
    clock.now += 2
    expect((await entries.read('a'))?.name).toBe('Other')
  })

  test('remembers that there is none, for a time of its own', async () => {
    const { entries, clock, index } = open()
    entries.remember('a', null, 10)
    index.down = true
    expect([entries.peek('a'), await entries.read('a')]).toEqual([null, undefined])
    clock.now += 11
    expect(entries.peek('a')).toBeUndefined()
    await expect(entries.read('a')).rejects.toThrow('down')
  })

  test('does not take for its own what another writer kept it from writing', async () => {
    const { entries, index } = open()
    index.beforeWrite = () => index.values.set('names:a', { value: film, revision: 1 })
    expect(await entries.save('a', { name: 'Other', year: null }, 0)).toBe(false)
    expect(await entries.read('a')).toEqual(film)
  })

  test('forgets the least recently used', async () => {
    const { entries } = open({ max: 2 })
    for (const key of ['a', 'b']) entries.remember(key, film)
    entries.peek('a')
    entries.remember('c', film)
    expect(['a', 'b', 'c'].map((key) => entries.peek(key)?.name)).toEqual([
      film.name,
      undefined,
      film.name,
    ])
  })
})
