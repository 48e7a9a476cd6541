import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createMemoryIndex } from '../../../../cache/backends/memory/memory.ts'
import { pass, stopTime } from '../../../support/virtual-time.ts'
import { eventually } from '../../../support/wait.ts'
import { fakeClock, log, type World, world } from '../../fixture.ts'

const HOUR = 3_600_000

let w: World
afterEach(() => void jest.useRealTimers())
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

describe('the file of values', () => {
  const valuesFile = (): string => join(w.dir, 'values.journal')
  const open = (clock = w.clock) => createMemoryIndex({ clock, log, valuesFile: valuesFile() })

  test('values outlive a close, with revision and remaining time to live', async () => {
    const first = open()
    expect(first.durable).toBe(true)
    await first.writeValue('a', { n: 1 }, 0, HOUR)
    await first.writeValue('b', 2, 0, 1000)
    const { revision } = (await first.readValue('a')) ?? { revision: -1 }
    await first.close()
    w.clock.pass(2000)
    const second = open()
    expect(await second.readValue('a')).toEqual({ value: { n: 1 }, revision })
    expect(await second.readValue('b')).toBeUndefined()
    expect(await second.writeValue('b', 3, 0, HOUR)).toBe(true)
    expect((await second.readValue('b'))?.revision).toBeGreaterThan(revision + 1)
    w.clock.pass(HOUR - 2500)
    expect(await second.readValue('a')).toBeDefined()
    w.clock.pass(1000)
    expect(await second.readValue('a')).toBeUndefined()
    await second.close()
  })

  test('nothing is read or written before the first value is asked for', async () => {
    await writeFile(valuesFile(), 'garbage')
    const index = open()
    await index.totals()
    await index.close()
    expect(await readFile(valuesFile(), 'utf8')).toBe('garbage')
  })

  test.each([
    '',
    '{',
    '[]',
    '{"version":2,"lastRevision":0,"notes":[]}',
    '{"version":1,"lastRevision":1,"notes":[{"name":"a","json":"{","revision":1,"expiresAt":9e15}]}',
  ])('a bad file is set aside: %s', async (text) => {
    await writeFile(valuesFile(), text)
    const index = open(fakeClock(1234))
    expect(await index.readValue('a')).toBeUndefined()
    expect(await readFile(`${valuesFile()}.corrupt-1234`, 'utf8')).toBe(text)
    expect(await index.writeValue('a', 1, 0, HOUR)).toBe(true)
    await index.close()
    expect(await readFile(valuesFile(), 'utf8')).toMatch(/^playlink values 1 \d+\n/)
  })

  test('an unreadable file is an error each time, and is not overwritten', async () => {
    await mkdir(valuesFile())
    const index = open()
    await expect(index.readValue('a')).rejects.toThrow()
    await expect(index.writeValue('a', 1, 0, HOUR)).rejects.toThrow()
    await index.close()
    expect(await readdir(valuesFile())).toEqual([])
  })

  test('a failed write leaves the values in memory', async () => {
    const index = createMemoryIndex({
      clock: w.clock,
      log,
      valuesFile: join(w.dir, 'no', 'values.journal'),
    })
    await index.writeValue('a', 1, 0, HOUR)
    await index.close()
    expect((await index.readValue('a'))?.value).toBe(1)
  })

  describe('what could not be written', () => {
    const folder = (): string => join(w.dir, 'no')
    const lost = async () => {
      const valuesFile = join(folder(), 'values.journal')
      const said: string[] = []
      const say = (_: unknown, text?: string): void => void said.push(String(text ?? _))
      const told = Object.assign(Object.create(log), { warn: say, info: say })
      const index = createMemoryIndex({ clock: w.clock, log: told, valuesFile })
      await index.writeValue('a', 1, 0, HOUR)
      await pass(500)
      await eventually('a failure', () => said.length > 0)
      return { index, said, text: () => readFile(valuesFile, 'utf8').catch(() => '') }
    }

    test('is written when there is room again, though no other value changes; said once', async () => {
      stopTime()
      const { index, said, text } = await lost()
      await pass(70_000)
      await mkdir(folder())
      await eventually('the value in the file', async () => {
        await pass(10_000)
        return (await text()).includes('"a"')
      })
      await eventually('a word about it', () => said.length > 1)
      expect(said).toEqual([
        'values could not be written; kept in memory',
        'values are written again',
      ])
      await index.close()
    })

    test('is written at the close, if there is room by then', async () => {
      stopTime()
      const { index, text } = await lost()
      await mkdir(folder())
      await index.close()
      expect(await text()).toContain('"a"')
    })
  })

  test('is written without being closed, soon after a change', async () => {
    stopTime()
    const index = open()
    await index.writeValue('a', 1, 0, HOUR)
    const text = () => readFile(valuesFile(), 'utf8').catch(() => '')
    await pass(500)
    await eventually('the value in the file', async () => (await text()).includes('"a"'))
    await index.close()
  })
})

describe('the file of an earlier version', () => {
  const journal = (): string => join(w.dir, 'values.journal')
  const earlier = (): string => join(w.dir, 'notes.json')
  const open = () => createMemoryIndex({ clock: w.clock, log, valuesFile: journal() })
  const saved = (names: readonly string[]) => ({
    version: 1,
    lastRevision: 9,
    notes: names.map((name, n) => {
      return { name, json: JSON.stringify({ name }), revision: n + 1, expiresAt: 9e15 }
    }),
  })

  test('is taken up once, and then gone', async () => {
    await writeFile(earlier(), JSON.stringify(saved(['a', 'b'])))
    const index = open()
    expect(await index.readValue('b')).toEqual({ value: { name: 'b' }, revision: 2 })
    await index.writeValue('c', 1, 0, HOUR)
    expect((await index.readValue('c'))?.revision).toBe(10)
    await index.close()
    expect((await readdir(w.dir)).filter((name) => name.includes('notes'))).toEqual([])
    const again = open()
    for (const name of ['a', 'b', 'c']) expect(await again.readValue(name)).toBeDefined()
    await again.close()
  })

  test('does not count when there is a journal already', async () => {
    const index = open()
    await index.writeValue('a', 'new', 0, HOUR)
    await index.close()
    await writeFile(earlier(), JSON.stringify(saved(['a'])))
    const again = open()
    expect((await again.readValue('a'))?.value).toBe('new')
    await again.close()
  })

  test('of more than all values may take: those that were used last are taken up', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `book:${n}:${'x'.repeat(1000)}`)
    await writeFile(earlier(), JSON.stringify(saved(names)))
    const room = { maxValueBytes: 100_000, clock: w.clock, log, valuesFile: journal() }
    const index = createMemoryIndex(room)
    expect(await index.readValue(names[199] ?? '')).toBeDefined()
    expect(await index.readValue(names[0] ?? '')).toBeUndefined()
    expect((await index.valueBytes()).used).toBeLessThanOrEqual(100_000)
    await index.close()
  })
})

test('the texts of values that went take no memory until a collection', async () => {
  const maxValueBytes = 2_000_000
  const index = createMemoryIndex({ clock: w.clock, maxValueBytes })
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 3000; n++) {
    await index.writeValue(`name ${n % 400}`, `${n}${'日'.repeat(3000)}`, 0, HOUR)
    const { revision = 0 } = (await index.readValue(`name ${n % 400}`)) ?? {}
    await index.writeValue(`name ${n % 400}`, { n, text: 'x'.repeat(9000) }, revision, HOUR)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * maxValueBytes)
  expect((await index.readValue<{ n: number }>('name 199'))?.value.n).toBe(2999)
  await index.close()
})
