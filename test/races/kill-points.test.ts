import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { createJanitor } from '../../cache/limits/disk-janitor.ts'
import { type DiskFileStore, openFileStore } from '../../cache/store/disk-file-store.ts'
import { firstPiece, pieceInFile, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import { systemClock as clock } from '../../common/clock.ts'
import { arrive, log, payload, readAll } from '../cache/fixture.ts'
import { atEveryPoint, folder, type Lifecycle, removeFolders } from './crash-lives.ts'
import { early, first, fourth, partial, second, testFiles, VALUE } from './crash-plan.ts'

jest.setTimeout(600_000)
afterAll(removeFolders)

const run = promisify(execFile)

async function open(dir: string, persistent = true): Promise<DiskFileStore> {
  return openFileStore({ dir, persistent, index: createMemoryIndex({ clock }), clock, log })
}

/** Made once, because the fixture makes bytes one by one. */
const films = new Map(testFiles.map(({ key, layout }) => [key, payload(layout)]))

/** Everything in the folder belongs to a file, and all numbers agree with the disk. */
async function expectClean(dir: string, store: DiskFileStore): Promise<void> {
  const expected = new Set(['.lock', '.playlink', 'values.journal'])
  let sum = 0
  let pages = 0
  for (const { key, layout, pieces, bytes } of store.records()) {
    const [infoHash = '', fileIdx = ''] = key.split('/')
    for (const name of ['', '/metainfo.torrent', '/edges', `/${fileIdx}`, `/${fileIdx}.json`]) {
      expected.add(infoHash + name)
    }
    let kept = 0
    for (let i = 0; i < pieces.length; i++) {
      if (!pieces.has(i)) continue
      const piece = firstPiece(layout) + i
      kept += pieceSize(layout, piece)
      if (!pieces.has(i - 1)) pages++
      const { before, after } = pieceInFile(layout, piece)
      if (before + after === 0) continue
      expected.add(`${infoHash}/edges/${fileIdx}-${piece}`)
      pages++
    }
    expect(bytes).toBe(kept)
    sum += kept
    pages++
  }
  const left = await readdir(dir, { recursive: true })
  expect(left.filter((name) => !expected.has(name))).toEqual([])
  const limits = { ttlSeconds: 3600, maxFiles: 10, maxBytes: 1e9 }
  const janitor = createJanitor({ store, index: createMemoryIndex({ clock }), limits, clock, log })
  expect((await janitor.disk()).usedBytes).toBe(sum)
  // One page more for each file and each run of pieces: file systems allocate whole pages.
  expect(Math.abs((await onDisk(dir)) - sum)).toBeLessThanOrEqual(4096 * pages)
}

/** Bytes that payload and edges occupy, counted in blocks of the file system. */
async function onDisk(dir: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(dir, { recursive: true })) {
    if (!/^\d(-\d+)?$/.test(basename(name))) continue
    sum += (await stat(join(dir, name))).blocks * 512
  }
  return sum
}

/** Every byte that counts is the right one. */
async function expectTrue(dir: string, store: DiskFileStore, lifecycle: Lifecycle): Promise<void> {
  const was = (word: string): boolean => lifecycle.said.includes(word)
  for (const [i, { key, layout }] of testFiles.entries()) {
    const pinned = await store.pin(key)
    if (was(`published ${i + 1}`) && !was(`leaving ${i + 1}`))
      expect([key, !!pinned]).toEqual([key, true])
    if (was(`left ${i + 1}`)) expect(pinned).toBeUndefined()
    const bytes = pinned && (await readAll(pinned.read({ start: 0, end: layout.size - 1 }), 65_536))
    // Compared as buffers, because toEqual compares byte by byte and is slow.
    if (bytes) expect([key, films.get(key)?.equals(bytes)]).toEqual([key, true])
    pinned?.release()
  }
  const again = await store.open(partial.key, 'film', partial.layout)
  const file = await readFile(join(dir, partial.key))
  const wrong: number[] = []
  for (let i = 0; i < again.record.pieces.length; i++) {
    const piece = firstPiece(partial.layout) + i
    if (!again.record.pieces.has(i)) continue
    const { at, inside } = pieceInFile(partial.layout, piece)
    const right = films.get(partial.key)?.subarray(at, at + inside)
    if (!right?.equals(file.subarray(at, at + inside))) wrong.push(piece)
  }
  expect(wrong).toEqual([])
  if (was('settled 3')) for (const i of early) expect(again.record.pieces.has(i)).toBe(true)
  await again.close()
}

/** Starts on the folder again, and downloads a file into it as into a new one. */
async function expectUsable(dir: string, lifecycle: Lifecycle): Promise<void> {
  const store = await open(dir)
  try {
    await expectClean(dir, store)
    await expectTrue(dir, store, lifecycle)
    for (const testFile of [first, fourth]) {
      const file = await store.open(testFile.key, 'film', testFile.layout)
      await arrive(file)
      await file.publish()
      await file.close()
    }
    expect(store.stored(first.key)?.complete).toBe(true)
  } finally {
    await store.close()
  }
}

async function expectNotes(dir: string): Promise<void> {
  const index = createMemoryIndex({ clock, log, valuesFile: join(dir, 'values.journal') })
  const stored = await index.readValue(VALUE.name)
  if (stored) expect(stored.value).toEqual(VALUE.value)
  await index.close()
  expect((await readdir(dir)).filter((name) => name.startsWith('values.journal.'))).toEqual([])
}

test('killed at every kill point of a life: published files are whole, and there are no orphans', async () => {
  const kills = await atEveryPoint(
    'live',
    async () => undefined,
    async (dir, lifecycle) => {
      await expectUsable(dir, lifecycle)
      await expectNotes(dir)
    },
  )
  // Kill points of open, mark, publish, settle, evict, sweep and of replacing files.
  expect(kills).toBeGreaterThan(60)
})

describe('killed while it starts', () => {
  /** A complete file, a partial one, a half removed one, and orphans. */
  async function messy(dir: string): Promise<void> {
    const store = await open(dir)
    for (const testFile of [first, second]) {
      const file = await store.open(testFile.key, 'film', testFile.layout)
      await arrive(file)
      await file.publish()
      await file.close()
    }
    const file = await store.open(partial.key, 'film', partial.layout)
    await arrive(file, early)
    await file.close()
    await store.close()
    await rm(join(dir, second.key))
    const nobody = join(dir, 'a'.repeat(40))
    await mkdir(join(nobody, 'edges'), { recursive: true })
    for (const name of [
      '5',
      '5.json',
      'edges/5-1',
      '5.json.tmp-0123456789ab',
      'metainfo.torrent',
    ]) {
      await writeFile(join(nobody, name), 'x')
    }
    await writeFile(join(dir, first.infoHash, 'edges', '7-7'), 'x')
    await mkdir(join(dir, 'slots'))
    await writeFile(join(dir, 'slots', 'somebody-0'), 'x')
    await writeFile(join(dir, '.playlink.tmp-0123456789ab'), 'x')
  }

  /** Copies sparse files as sparse files, which fs.cp does not. */
  const copyOf = async (from: string, to: string): Promise<void> =>
    void (await run('cp', ['-a', '--sparse=always', `${from}/.`, to]))

  async function messyCopy(): Promise<(dir: string) => Promise<void>> {
    const original = await folder()
    await messy(original)
    return (dir) => copyOf(original, dir)
  }
  const there = ['settled 3', 'published 1']

  test('good files stay, orphans are removed', async () => {
    const kills = await atEveryPoint('start', await messyCopy(), (dir, lifecycle) =>
      expectUsable(dir, { ...lifecycle, said: there }),
    )
    expect(kills).toBeGreaterThan(8)
  })

  test('while it empties the folder: the next start removes the rest, or goes on with whole files', async () => {
    const kills = await atEveryPoint('empty', await messyCopy(), async (dir, lifecycle) => {
      const copy = await folder()
      await copyOf(dir, copy)
      await expectUsable(copy, { ...lifecycle, said: [] })
      await (await open(dir, false)).close()
      expect(await readdir(dir)).toEqual(['.playlink'])
    })
    expect(kills).toBeGreaterThan(4)
  })
})
