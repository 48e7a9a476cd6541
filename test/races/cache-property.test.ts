import { join } from 'node:path'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { createSqliteIndex } from '../../cache/backends/sqlite/sqlite.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint } from '../../common/bittorrent/piece-layout.ts'
import { allPieces, arrive, payload, readAll, reserveWhole } from '../cache/fixture.ts'
import {
  type CacheSystem,
  cacheSystem,
  expectTrue,
  limits,
  type OpenIndex,
  type TestFile,
  testFiles,
} from './cache-system.ts'

// After a failure fast-check prints seed, path and the shortest sequence that still fails.
const RUNS = Number(process.env.PROPERTY_RUNS ?? 15)
const LENGTH = 40

/** The files that are complete after the operations so far. */
interface Model {
  complete: Set<FileKey>
}

/** Reads the system's complete files; those that are gone must be in `mayGo`, and not pinned. */
function expectKept(
  model: Model,
  { store, pins }: CacheSystem,
  mayGo: (key: FileKey) => boolean,
): void {
  const now = new Set([...store.records()].filter((r) => r.complete).map((r) => r.key))
  for (const key of model.complete) {
    if (now.has(key)) continue
    expect([key, 'may go', mayGo(key)]).toEqual([key, 'may go', true])
    expect([key, 'pinned', pins.has(key)]).toEqual([key, 'pinned', false])
  }
  model.complete = now
}

type Run = (model: Model, system: CacheSystem) => Promise<(key: FileKey) => boolean>

class Step implements fc.AsyncCommand<Model, CacheSystem> {
  readonly #name: string
  readonly #run: Run
  constructor(name: string, run: Run) {
    this.#name = name
    this.#run = run
  }
  check(): boolean {
    return true
  }
  async run(model: Model, system: CacheSystem): Promise<void> {
    const mayGo = await this.#run(model, system)
    expectKept(model, system, mayGo)
    await expectTrue(system)
  }
  toString(): string {
    return this.#name
  }
}

const nobody = (): boolean => false
const anybody = (): boolean => true

/** Downloads a part of a file; `crash`: the process dies before anything is closed. */
function put({ key, layout }: TestFile, part: number, crash: boolean): Step {
  return new Step(
    `put(${key.slice(-3)}, ${part}${crash ? ', crash' : ''})`,
    async (model, system) => {
      const { store, janitor, pins } = system
      if (store.stored(key)) return nobody
      const idle = [...pins.keys()].filter((one) => store.hasIdleReaders(one))
      const before = [...store.records()]
      const used = before.filter((r) => r.key !== key).reduce((sum, r) => sum + r.bytes, 0)
      const others = before.filter((r) => r.key !== key).length
      const tight = used + footprint(layout) > limits.maxBytes || others >= limits.maxFiles
      let room: Awaited<ReturnType<typeof janitor.reserve>>
      try {
        room = await reserveWhole(janitor, key, layout)
      } catch (error) {
        expect(error).toMatchObject({ code: 'DOES_NOT_FIT' })
        return nobody
      }
      // Who takes nothing for a minute does not keep its file from who needs the room.
      for (const one of idle.filter((each) => !store.stored(each))) {
        pins.get(one)?.release()
        pins.delete(one)
      }
      const partial = await store.open(key, `film ${key}`, layout)
      const all = allPieces(layout)
      await arrive(partial, all.slice(0, Math.ceil(all.length * part)))
      if (partial.record.pieces.complete) {
        await partial.publish()
        model.complete.add(key)
      }
      if (crash) {
        await system.crash()
      } else {
        await partial.close()
        room.release()
      }
      return (gone) => tight && gone !== key
    },
  )
}

/** The n-th complete file, so that most operations find one; sometimes any file. */
function picked(model: Model, n: number): FileKey {
  const complete = [...model.complete].sort()
  const list = complete.length === 0 || n % 7 === 0 ? testFiles.map((each) => each.key) : complete
  return list[n % list.length] ?? testFiles[0].key
}

const pin = (n: number): Step =>
  new Step(`pin(${n})`, async (model, { store, pins }) => {
    const key = picked(model, n)
    const file = await store.pin(key)
    expect(file !== undefined).toBe(model.complete.has(key))
    if (!file) return nobody
    pins.get(key)?.release()
    pins.set(key, file)
    return nobody
  })

const unpin = (n: number): Step =>
  new Step(`unpin(${n})`, async (_, { pins }) => {
    const key = [...pins.keys()][n % Math.max(1, pins.size)]
    if (!key) return nobody
    pins.get(key)?.release()
    pins.delete(key)
    return nobody
  })

const read = (n: number): Step =>
  new Step(`read(${n})`, async (model, { store }) => {
    const key = picked(model, n)
    const file = await store.pin(key)
    expect(file !== undefined).toBe(model.complete.has(key))
    if (!file) return nobody
    const bytes = await readAll(file.read({ start: 0, end: file.size - 1 }))
    expect(bytes.equals(payload(file.record.layout))).toBe(true)
    file.release()
    return nobody
  })

const evict = (n: number): Step =>
  new Step(`evict(${n})`, async (model, { store, pins }) => {
    const key = picked(model, n)
    const gone = await store.remove(key)
    expect([gone, pins.has(key)]).not.toEqual([true, true])
    return (each) => each === key
  })

const sweep = (seconds: number): Step =>
  new Step(`sweep after ${seconds} s`, async (_, system) => {
    system.clock.pass(seconds * 1000)
    await system.janitor.sweep()
    return anybody
  })

const clear = new Step('clear', async (_, { janitor }) => {
  await janitor.clear()
  return anybody
})
const crash = new Step('crash', async (_, system) => {
  await system.crash()
  return nobody
})
const restart = new Step('restart', async (_, system) => {
  await system.restart()
  return nobody
})

const testFile = fc.constantFrom(...testFiles)
const nth = fc.nat({ max: 100 })
const often = <T>(times: number, steps: fc.Arbitrary<T>): fc.Arbitrary<T>[] =>
  Array.from({ length: times }, () => steps)
/** More downloads than removals, so that limits and pins matter. */
const commands = fc.commands(
  [
    ...often(
      7,
      testFile.map((each) => put(each, 1, false)),
    ),
    ...often(
      2,
      fc.tuple(testFile, fc.constantFrom(0, 0.4)).map(([each, part]) => put(each, part, false)),
    ),
    fc.tuple(testFile, fc.constantFrom(0.4, 1)).map(([each, part]) => put(each, part, true)),
    ...often(4, nth.map(pin)),
    ...often(2, nth.map(evict)),
    nth.map(unpin),
    nth.map(read),
    fc.nat({ max: 300 }).map(sweep),
    fc.constantFrom(clear, crash, restart, restart),
  ],
  { maxCommands: LENGTH, size: 'max' },
)

jest.setTimeout(Math.max(600_000, RUNS * 5000))

const opened: CacheSystem[] = []
afterEach(async () => {
  for (const system of opened.splice(0)) await system.end()
})

const indexes: Record<string, OpenIndex> = {
  memory: (_, clock) => createMemoryIndex({ clock }),
  sqlite: (dir, clock) =>
    createSqliteIndex({ path: join(dir, 'index.sqlite'), persistent: true, clock }),
}

describe.each(Object.entries(indexes))('%s', (_, openIndex) => {
  test('after any sequence bytes, limits, pins and complete files are right', async () => {
    const property = fc.asyncProperty(commands, async (sequence) => {
      const system = await cacheSystem(openIndex)
      opened.push(system)
      await fc.asyncModelRun(
        () => ({ model: { complete: new Set<FileKey>() }, real: system }),
        sequence,
      )
      await opened.pop()?.end()
    })
    await fc.assert(property, { numRuns: RUNS })
  })
})
