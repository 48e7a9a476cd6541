import { randomInt } from 'node:crypto'
import {
  copyFile,
  lstat,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../../cache/backends/memory/memory.ts'
import { log, type World, world } from '../../fixture.ts'

const HOUR = 3_600_000
const ODD = ['', 'a\tb\nc', '日本語 🎬', '"\\\u2028\u0000', '__proto__', 'e\u0301\ud83c']

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

const file = (): string => join(w.dir, 'values.journal')
const open = (maxValueBytes = 1e6) =>
  createMemoryIndex({ clock: w.clock, log, valuesFile: file(), maxValueBytes })
type Index = ReturnType<typeof open>

async function write(index: Index, name: string, value: unknown): Promise<void> {
  const { revision = 0 } = (await index.readValue(name)) ?? {}
  expect(await index.writeValue(name, value, revision, HOUR)).toBe(true)
}
/** One life of the index for each: so each value is appended by itself. */
async function writeEach(values: readonly (readonly [string, unknown])[]): Promise<void> {
  for (const [name, value] of values) {
    const index = open()
    await write(index, name, value)
    await index.close()
  }
}
const asides = async (): Promise<string[]> =>
  (await readdir(w.dir)).filter((name) => name.includes('.corrupt-'))

describe('a journal', () => {
  test('is appended to: what a change writes does not grow with what is there', async () => {
    await writeEach([['first', 'x'.repeat(100_000)]])
    const { ino, size } = await stat(file())
    await writeEach([['second', 1]])
    const after = await stat(file())
    expect(after.ino).toBe(ino)
    expect(after.size - size).toBeLessThan(100)
  })

  test('is written anew when most of it no longer counts, and never twice as large for long', async () => {
    const index = open()
    await write(index, 'other', 'stays')
    await index.close()
    let largest = 0
    for (let n = 0; n < 30; n++) {
      await writeEach([['same', 'x'.repeat(200_000)]])
      largest = Math.max(largest, (await stat(file())).size)
    }
    expect(largest).toBeLessThan(2 * 200_000 + 2 ** 20 + 300_000)
    const last = open()
    expect((await last.readValue('other'))?.value).toBe('stays')
    await last.close()
  })

  test('holds odd names and values, and only its user can read it', async () => {
    await writeEach(ODD.map((name) => [name, { name }]))
    const index = open()
    for (const name of ODD) expect((await index.readValue(name))?.value).toEqual({ name })
    await index.close()
    expect(((await stat(file())).mode % 0o1000).toString(8)).toBe('600')
  })

  test('keeps the order of use when it is written anew', async () => {
    const index = open()
    for (const name of ['a', 'b', 'c']) await write(index, name, 'x'.repeat(20_000))
    await index.readValue('a')
    await index.close()
    // A room for two: b was not used for longest.
    const small = createMemoryIndex({ clock: w.clock, valuesFile: file(), maxValueBytes: 82_000 })
    await write(small, 'd', 'x'.repeat(20_000))
    await write(small, 'e', 'x'.repeat(20_000))
    expect(await small.readValue('b')).toBeUndefined()
    expect(await small.readValue('a')).toBeDefined()
    await small.close()
  })
})

describe('a journal that was cut', () => {
  async function goesOn(index: Index, at: number, kept: string | undefined): Promise<void> {
    await write(index, 'after', at)
    await index.close()
    const again = open()
    expect((await again.readValue('after'))?.value).toBe(at)
    if (kept !== undefined) expect((await again.readValue(kept))?.value).toEqual({ n: 0 })
    await again.close()
  }

  test('at every byte: what was whole before the cut is there, and it goes on from there', async () => {
    const values = ODD.map((name, n) => [name, { n }] as const)
    await writeEach(values)
    const whole = join(w.dir, 'whole')
    await copyFile(file(), whole)
    const text = await readFile(whole)
    const header = text.indexOf(10) + 1
    const seed = randomInt(100_000)
    for (let at = header; at <= text.length; at++) {
      await copyFile(whole, file())
      await truncate(file(), at)
      const lines = text.subarray(header, at).toString().split('\n').length - 1
      const index = open()
      const found = await Promise.all(values.map(([name]) => index.readValue(name)))
      const told = [`seed ${seed}`, at, found.map((value) => value !== undefined)]
      expect(told).toEqual([`seed ${seed}`, at, values.map((_, n) => n < lines)])
      const [first] = values
      // Every write waits for the disk: only some go on.
      if ((seed + at) % 25 === 0) await goesOn(index, at, lines > 0 ? first?.[0] : undefined)
      else await index.close()
    }
    expect(await asides()).toEqual([])
  }, 240_000)

  test('within its first line, which is only ever written whole: set aside', async () => {
    await writeEach([['a', 1]])
    await truncate(file(), 7)
    const index = open()
    expect(await index.readValue('a')).toBeUndefined()
    await write(index, 'a', 2)
    await index.close()
    expect(await asides()).toHaveLength(1)
  })
})

describe('a journal that was changed', () => {
  test('any byte of a line: that value is gone, the others stay, and a copy is kept', async () => {
    await writeEach([
      ['a', 'one'],
      ['b', 'two'],
      ['c', 'three'],
    ])
    const text = await readFile(file(), 'utf8')
    const start = text.indexOf('\n', text.indexOf('"a"')) + 1
    const end = text.indexOf('\n', start)
    for (let at = start; at < end; at++) {
      const other = text[at] === '0' ? '1' : '0'
      await writeFile(file(), text.slice(0, at) + other + text.slice(at + 1))
      const index = open()
      const values = await Promise.all(['a', 'b', 'c'].map((name) => index.readValue(name)))
      expect([at, values.map((value) => value?.value)]).toEqual([at, ['one', undefined, 'three']])
      await index.close()
      expect(await asides()).toHaveLength(1)
      for (const name of await asides()) await rm(join(w.dir, name))
    }
  })

  test('removed or replaced by a link while it is open: written anew, and nothing through the link', async () => {
    const foreign = join(w.dir, 'thesis.doc')
    for (const replace of [
      async () => rm(file()),
      async () => {
        await rm(file())
        await writeFile(foreign, 'mine')
        await symlink(foreign, file())
      },
    ]) {
      const index = open()
      await write(index, 'a', 1)
      await index.close()
      const again = open()
      await again.readValue('a')
      await replace()
      await write(again, 'b', 2)
      await again.close()
      expect((await lstat(file())).isFile()).toBe(true)
      const last = open()
      expect([(await last.readValue('a'))?.value, (await last.readValue('b'))?.value]).toEqual([
        1, 2,
      ])
      await last.close()
      await rm(file())
    }
    expect(await readFile(foreign, 'utf8')).toBe('mine')
  })
})
