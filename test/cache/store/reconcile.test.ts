import {
  cp,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import {
  allPieces,
  arrive,
  fakeClock,
  key,
  layout,
  payload,
  readAll,
  temporaryFolder,
  type World,
  world,
} from '../fixture.ts'

const film = layout(10_000)
const inner = layout(5000, { offset: 1500, torrentLength: 20_000 })

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

const keys = (): string[] => [...w.store.records()].map((r) => r.key)
const paths = (n = 1) => filePaths(w.dir, key(n))

/** The folder as a killed process leaves it: a copy taken while the store is open. */
async function crash(): Promise<void> {
  const dir = await temporaryFolder()
  await cp(w.dir, dir, { recursive: true, preserveTimestamps: true })
  await rm(join(dir, '.lock'))
  await w.end()
  w = await world({ dir })
}

test('complete and partial files are there again, with index, order and node', async () => {
  await w.put(key(1), film)
  w.clock.pass(5000)
  await w.putPartial(key(2), inner, [1, 2])
  w.clock.pass(5000)
  ;(await w.store.pin(key(1)))?.release()
  const { node } = w.store
  w = await w.reopen()
  expect(w.store.node).toBe(node)
  expect(keys()).toEqual([key(2), key(1)])
  expect(w.store.stored(key(1))).toMatchObject({
    name: `film ${key(1)}`,
    bytes: 10_000,
    layout: film,
  })
  expect(w.store.stored(key(2))).toBeUndefined()
  expect(await w.index.totals(node)).toEqual({ files: 2, bytes: 12_048 })
  expect(w.clock.wall() - (w.store.stored(key(1))?.usedAt ?? 0)).toBe(0)
  const partial = await w.store.open(key(2), 'x', inner)
  expect(partial).toMatchObject({ trusted: true })
  expect(partial.record.bytes).toBe(2048)
  await partial.close()
})

test('not persistent: our files are removed, foreign ones stay', async () => {
  await w.put(key(1), film)
  await writeFile(join(w.dir, 'notes.json'), '{}')
  await writeFile(join(w.dir, 'notes.json.corrupt-5'), '{}')
  await writeFile(join(w.dir, 'index.sqlite'), 'x')
  await writeFile(join(w.dir, 'index.sqlite-wal'), 'x')
  await writeFile(join(w.dir, 'index.sqlite.corrupt-5'), 'x')
  await writeFile(join(w.dir, 'readme.txt'), 'mine')
  w = await w.reopen(false)
  expect((await readdir(w.dir)).sort()).toEqual(['.lock', '.playlink', 'readme.txt'])
  expect(keys()).toEqual([])
})

describe('after a kill', () => {
  test('an open partial comes back untrusted until its pieces were confirmed', async () => {
    const partial = await w.store.open(key(1), 'x', film)
    await arrive(partial, [0, 1, 2])
    await partial.close()
    const again = await w.store.open(key(1), 'x', film)
    expect(again.trusted).toBe(true)
    await crash()
    let after = await w.store.open(key(1), 'x', film)
    expect(after.trusted).toBe(false)
    expect(after.record.bytes).toBe(3072)
    after.mark([0])
    await after.close()
    w = await w.reopen()
    after = await w.store.open(key(1), 'x', film)
    expect(after.trusted).toBe(false)
    after.mark([0, 1])
    after.unmark([2])
    await after.close()
    w = await w.reopen()
    after = await w.store.open(key(1), 'x', film)
    expect(after.trusted).toBe(true)
    expect(after.record.bytes).toBe(2048)
    await after.close()
  })

  test('complete files stay complete', async () => {
    await w.put(key(1), inner)
    await crash()
    expect(w.store.stored(key(1))).toMatchObject({ complete: true, bytes: 6 * 1024 })
  })

  test('nothing is left of a download without a piece', async () => {
    await w.store.open(key(1), 'x', inner)
    await crash()
    expect(keys()).toEqual([])
    expect((await readdir(w.dir)).sort()).toEqual(['.lock', '.playlink'])
  })
})

describe('a sidecar that the disk does not agree with', () => {
  const reopenWith = async (spoil: () => Promise<unknown>): Promise<void> => {
    await w.put(key(1), inner)
    await w.put(key(2), film)
    await w.store.close()
    await spoil()
    w = await w.reopen()
    expect(w.store.stored(key(2))?.complete).toBe(true)
  }
  const gone = async (): Promise<void> => {
    expect(keys()).toEqual([key(2)])
    expect((await readdir(w.dir)).filter((name) => name.endsWith('1'))).toEqual([])
  }
  const edit = async (change: (sidecar: Record<string, unknown>) => void): Promise<void> => {
    const sidecar = JSON.parse(await readFile(paths().sidecar, 'utf8')) as Record<string, unknown>
    change(sidecar)
    await writeFile(paths().sidecar, JSON.stringify(sidecar))
  }

  test('payload of another size', async () => {
    await reopenWith(() => truncate(paths().payload, 12))
    await gone()
  })

  test('payload missing', async () => {
    await reopenWith(() => rm(paths().payload))
    await gone()
  })

  test('payload is a folder', async () => {
    await reopenWith(async () => {
      await rm(paths().payload)
      await mkdir(paths().payload)
    })
    await gone()
  })

  test.each([
    ['not JSON', '{"version":1,'],
    ['empty', ''],
    ['another thing', '[]'],
  ])('sidecar: %s', async (_, text) => {
    await reopenWith(() => writeFile(paths().sidecar, text))
    await gone()
  })

  test.each<[string, Record<string, unknown>]>([
    ['another version', { version: 2 }],
    ['another key', { key: key(2) }],
    ['a map of another length', { pieces: 'AAAA' }],
    ['a map that is not base64', { pieces: '*' }],
    ['complete without all pieces', { pieces: 'gA==' }],
    ['a layout beyond the torrent', { layout: { ...inner, offset: 19_000 } }],
    ['a layout without piece length', { layout: { ...inner, pieceLength: 0 } }],
    [
      'a giant layout',
      { layout: { ...inner, pieceLength: 1, torrentLength: 2 ** 50, size: 2 ** 49 } },
    ],
  ])('sidecar with %s', async (_, change) => {
    await reopenWith(() => edit((sidecar) => Object.assign(sidecar, change)))
    await gone()
  })

  test('another modification time: a partial file whose pieces have to be hashed', async () => {
    await reopenWith(() => utimes(paths().payload, 1000, 1000))
    expect(w.store.stored(key(1))).toBeUndefined()
    const partial = await w.store.open(key(1), 'x', inner)
    expect(partial.trusted).toBe(false)
    expect(partial.record.pieces.complete).toBe(true)
    partial.mark(allPieces(inner))
    await partial.publish()
    await partial.close()
    w = await w.reopen()
    expect(w.store.stored(key(1))?.complete).toBe(true)
  })

  test('orphans: files without sidecar, temporary files, edges without a file', async () => {
    const { folder } = paths()
    await reopenWith(async () => {
      await writeFile(join(folder, '5'), 'bytes of nobody')
      await writeFile(join(folder, '0.json.tmp-0123456789ab'), '{')
      await writeFile(join(folder, 'edges', '5-3'), 'x')
      await mkdir(join(w.dir, 'f'.repeat(40), 'edges'), { recursive: true })
      await writeFile(join(w.dir, 'f'.repeat(40), 'metainfo.torrent'), 'x')
    })
    const left = (await readdir(folder, { recursive: true })).sort()
    expect(left).toEqual(['0', '0.json', 'edges', 'edges/0-1', 'edges/0-6'])
    await expect(stat(join(w.dir, 'f'.repeat(40)))).rejects.toThrow()
  })

  test('a partial whose edge is gone has lost that piece', async () => {
    await w.putPartial(key(3), inner, [1, 2])
    await reopenWith(() => rm(join(paths(3).edges, '0-1')))
    const partial = await w.store.open(key(3), 'x', inner)
    expect([0, 1].map((i) => partial.record.pieces.has(i))).toEqual([false, true])
    expect(partial.record.bytes).toBe(1024)
    await partial.close()
  })

  test('a file where a folder should be costs no other file', async () => {
    await reopenWith(() => writeFile(join(w.dir, 'e'.repeat(40)), 'x'))
    expect(keys()).toEqual([key(1), key(2)])
  })
})

describe('time while the node was off', () => {
  const HOUR = 3_600_000
  const idle = (): number[] => [...w.store.records()].map((r) => w.clock.wall() - r.usedAt)

  /** Opens the folder again with clocks that show another time: a copy as a kill leaves it, or the folder itself. */
  const restart = async (jump: number, how: 'stopped' | 'killed'): Promise<void> => {
    const dir = how === 'killed' ? await temporaryFolder() : w.dir
    if (how === 'killed') {
      await cp(w.dir, dir, { recursive: true, preserveTimestamps: true })
      await rm(join(dir, '.lock'))
      await w.end()
    } else {
      await w.store.close()
    }
    w = await world({ dir, clock: fakeClock(w.clock.wall() + jump) })
  }

  test.each([
    ['on', HOUR],
    ['back', -HOUR],
    ['nowhere', 0],
  ])('a wall clock that went %s: order and idle time stay the same', async (_, jump) => {
    for (const n of [1, 2]) {
      await w.put(key(n), layout(10))
      w.clock.pass(1000)
    }
    await restart(jump, 'stopped')
    expect(keys()).toEqual([key(1), key(2)])
    expect(idle()).toEqual([2000, 1000])
    await restart(-3 * jump, 'stopped')
    w.clock.pass(500)
    expect(idle()).toEqual([2500, 1500])
    await restart(jump, 'killed')
    // The marker was written half a second before.
    expect(idle()).toEqual([2000, 1000])
  })

  test('killed before the running time was ever saved: the newest sidecar counts', async () => {
    for (const n of [1, 2]) {
      await w.put(key(n), layout(10))
      w.clock.pass(1000)
    }
    await restart(HOUR, 'killed')
    expect(idle()).toEqual([1000, 0])
  })

  test('a sidecar that does not say when it was used counts as just used', async () => {
    await w.put(key(1), layout(10))
    w.clock.pass(1000)
    await w.store.close()
    const { usedRunning, ...rest } = JSON.parse(await readFile(paths().sidecar, 'utf8'))
    expect(usedRunning).toBe(0)
    await writeFile(paths().sidecar, JSON.stringify(rest))
    w = await w.reopen()
    expect(idle()).toEqual([0])
  })
})

describe('a piece written after the last sidecar and before a kill', () => {
  /** Writes a piece as the engine does, without marking it. */
  async function write(folder: string, piece: number, bytes: Buffer): Promise<void> {
    const file = await open(join(folder, '0'), 'r+')
    await file.write(bytes, 0, bytes.length, piece * 1024)
    await file.close()
  }

  test('counts and is untrusted, so that it is hashed and not downloaded again', async () => {
    const partial = await w.store.open(key(1), 'x', film)
    await write(partial.folder, 4, Buffer.alloc(1024, 7))
    await write(partial.folder, 6, Buffer.concat([Buffer.alloc(1023), Buffer.from([7])]))
    await write(partial.folder, 8, Buffer.alloc(1024))
    await crash()
    const { pieces, settled: said } = JSON.parse(await readFile(paths().sidecar, 'utf8'))
    expect([pieces, said]).toEqual([Buffer.from([0b00001010, 0]).toString('base64'), false])
    const after = await w.store.open(key(1), 'x', film)
    expect(after.trusted).toBe(false)
    expect(after.record.bytes).toBe(2048)
    expect([...allPieces(film)].filter((piece) => after.record.pieces.has(piece))).toEqual([4, 6])
    after.mark([4])
    after.unmark([6])
    await after.close()
    w = await w.reopen()
    const settled = await w.store.open(key(1), 'x', film)
    expect(settled.trusted).toBe(true)
    expect(settled.record.bytes).toBe(1024)
    await settled.close()
  })

  test('a boundary piece counts only with its edge, whole', async () => {
    const partial = await w.store.open(key(1), 'x', inner)
    await arrive(partial, [1, 6])
    await crash()
    expect([...w.store.records()].map((r) => r.bytes)).toEqual([2048])
    const again = await w.store.open(key(1), 'x', inner)
    await again.close()
    await truncate(join(paths().edges, '0-6'), 5)
    w = await w.reopen()
    expect([...w.store.records()].map((r) => r.bytes)).toEqual([1024])
  })
})

test('a complete file without its edges stays complete', async () => {
  await w.put(key(1), inner)
  await w.store.close()
  await rm(paths().edges, { recursive: true })
  w = await w.reopen()
  expect(w.store.stored(key(1))?.complete).toBe(true)
  const pinned = await w.store.pin(key(1))
  if (!pinned) throw new Error('not pinned')
  expect(await readAll(pinned.read({ start: 0, end: 4999 }))).toEqual(payload(inner))
  pinned.release()
})
