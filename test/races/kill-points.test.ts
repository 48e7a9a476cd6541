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
import { contents, early, first, fourth, NOTE, partial, second } from './crash-plan.ts'

jest.setTimeout(180_000)
afterAll(removeFolders)

const run = promisify(execFile)

async function open(dir: string, persistent = true): Promise<DiskFileStore> {
  return openFileStore({ dir, persistent, index: createMemoryIndex({ clock }), clock, log })
}

/** Made once: the fixture puts bytes together one by one. */
const films = new Map(contents.map(({ key, layout }) => [key, payload(layout)]))

/** Whatever lies in the folder belongs to a content, and the numbers are those of the disk. */
async function expectClean(dir: string, store: DiskFileStore): Promise<void> {
  const expected = new Set(['.lock', '.playlink', 'notes.json'])
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
  // A page a file and run of pieces: the file system keeps whole ones.
  expect(Math.abs((await onDisk(dir)) - sum)).toBeLessThanOrEqual(4096 * pages)
}

/** What payload and edges take, by the blocks of the file system. */
async function onDisk(dir: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(dir, { recursive: true })) {
    if (!/^\d(-\d+)?$/.test(basename(name))) continue
    sum += (await stat(join(dir, name))).blocks * 512
  }
  return sum
}

/** Every byte that is said to be there is the right one. */
async function expectTrue(dir: string, store: DiskFileStore, lifecycle: Lifecycle): Promise<void> {
  const was = (word: string): boolean => lifecycle.said.includes(word)
  for (const [i, { key, layout }] of contents.entries()) {
    const held = await store.pin(key)
    if (was(`published ${i + 1}`) && !was(`leaving ${i + 1}`))
      expect([key, !!held]).toEqual([key, true])
    if (was(`left ${i + 1}`)) expect(held).toBeUndefined()
    const bytes = held && (await readAll(held.read({ start: 0, end: layout.size - 1 }), 65_536))
    // Compared as buffers: toEqual looks at each byte on its own.
    if (bytes) expect([key, films.get(key)?.equals(bytes)]).toEqual([key, true])
    held?.release()
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

/** What a new start does with it, and that a film can be fetched into it as into a new folder. */
async function expectUsable(dir: string, lifecycle: Lifecycle): Promise<void> {
  const store = await open(dir)
  try {
    await expectClean(dir, store)
    await expectTrue(dir, store, lifecycle)
    for (const content of [first, fourth]) {
      const file = await store.open(content.key, 'film', content.layout)
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
  const index = createMemoryIndex({ clock, log, valuesFile: join(dir, 'notes.json') })
  const note = await index.readValue(NOTE.name)
  if (note) expect(note.value).toEqual(NOTE.value)
  await index.close()
  expect((await readdir(dir)).filter((name) => name.startsWith('notes.json.'))).toEqual([])
}

test('killed at every point of a life: what was published is whole, nothing lies about', async () => {
  const kills = await atEveryPoint(
    'live',
    async () => undefined,
    async (dir, lifecycle) => {
      await expectUsable(dir, lifecycle)
      await expectNotes(dir)
    },
  )
  // Points of open, mark, publish, settle, evict, sweep and the replacing of files.
  expect(kills).toBeGreaterThan(60)
})

describe('killed while it starts', () => {
  /** Complete, partial, half removed, and things of nobody. */
  async function messy(dir: string): Promise<void> {
    const store = await open(dir)
    for (const content of [first, second]) {
      const file = await store.open(content.key, 'film', content.layout)
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

  /** Holes stay holes, which fs.cp does not see to. */
  const copyOf = async (from: string, to: string): Promise<void> =>
    void (await run('cp', ['-a', '--sparse=always', `${from}/.`, to]))

  async function messyCopy(): Promise<(dir: string) => Promise<void>> {
    const original = await folder()
    await messy(original)
    return (dir) => copyOf(original, dir)
  }
  const there = ['settled 3', 'published 1']

  test('what is good stays, what is nobody’s goes', async () => {
    const kills = await atEveryPoint('start', await messyCopy(), (dir, lifecycle) =>
      expectUsable(dir, { ...lifecycle, said: there }),
    )
    expect(kills).toBeGreaterThan(8)
  })

  test('while it empties: the next one empties the rest, or goes on with what is whole', async () => {
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
