import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { createSqliteIndex } from '../../cache/backends/sqlite/sqlite.ts'
import { filePaths } from '../../cache/disk/file-paths.ts'
import { readManagementFile, writeManagementFile } from '../../cache/disk/management-file.ts'
import { errorCode } from '../../common/errors.ts'
import { DhtTableFile, readDhtTable } from '../../torrent/engine/dht/dht-table.ts'
import { PieceFiles } from '../../torrent/engine/storage/piece-files.ts'
import { mountVolume, notRun, type SmallVolume } from '../support/server/small-volume.ts'
import { eventually } from '../support/wait.ts'
import { arrive, fakeClock, key, layout, log, readAll, type World, world } from './fixture.ts'

/** One thing that is written below CACHE_DIR. */
interface Written {
  /** While there was room; what comes back tries to write, and tells what came of it. */
  begin(w: World): Promise<() => Promise<unknown>>
  /** What comes of it: the code of an error, or `fine` where nobody is told. */
  readonly is: string
  /** When there is room again, without a restart. */
  works(w: World): Promise<unknown>
}

const HOUR = 3_600_000
const FILM = layout(3000)
/** With an edge: its first piece begins in the file before it. */
const SECOND = layout(3000, { offset: 500, torrentLength: 4000 })
const DHT = 'dht.json'
const dht = (port: number) => ({
  nodeId: Buffer.alloc(20, 1),
  nodes: [`192.0.2.1:${port}`],
  addNode: () => {},
})
const access = { host: '127.0.0.1', port: 7000, token: 't'.repeat(43) }
const saves = (w: World, port: number) =>
  new DhtTableFile(join(w.dir, DHT), dht(port), undefined).close()
const values = (w: World) =>
  createMemoryIndex({ clock: w.clock, log, valuesFile: join(w.dir, 'values.journal') })
const database = (w: World) =>
  createSqliteIndex({ path: join(w.dir, 'index.sqlite'), persistent: true, clock: w.clock, log })

let ends: (() => Promise<unknown>)[] = []
const later = (end: () => Promise<unknown>): void => void ends.push(end)

const places: Readonly<Record<string, Written>> = {
  'the payload and sidecar of a new film': {
    begin: async (w) => () => w.store.open(key(2), 'new', FILM),
    is: 'DOES_NOT_FIT',
    works: (w) => w.put(key(2), FILM),
  },
  'the sidecar of a film that is complete now': {
    begin: async (w) => {
      const partial = await w.store.open(key(2), 'new', FILM)
      await arrive(partial)
      later(() => partial.close())
      return () => partial.publish()
    },
    is: 'DOES_NOT_FIT',
    // Its pieces are here: nothing of it is fetched again.
    async works(w) {
      await ends.pop()?.()
      const partial = await w.store.open(key(2), 'new', FILM)
      expect(partial.record.pieces.complete).toBe(true)
      await partial.publish()
      await partial.close()
      expect(w.store.stored(key(2))?.complete).toBe(true)
    },
  },
  'the sidecar of a partial that is closed': {
    async begin(w) {
      const partial = await w.store.open(key(2), 'new', FILM)
      await arrive(partial, [0, 1])
      return () => partial.close()
    },
    is: 'fine',
    async works(w) {
      const partial = await w.store.open(key(2), 'new', FILM)
      expect(partial.record.pieces.count).toBe(2)
      await partial.close()
    },
  },
  'a piece, and its edge': {
    async begin(w) {
      const partial = await w.store.open(key(2, 1), 'second', SECOND)
      later(() => partial.close())
      return async () => {
        const files = await PieceFiles.open(partial.folder, 1, SECOND)
        await files.write(0, Buffer.alloc(1024, 1)).finally(() => files.close())
      }
    },
    is: 'ENOSPC',
    async works(w) {
      const folder = filePaths(w.dir, key(2, 1)).folder
      const files = await PieceFiles.open(folder, 1, SECOND)
      await files.write(0, Buffer.alloc(1024, 1)).finally(() => files.close())
    },
  },
  'a .torrent': {
    begin: async (w) => () => w.store.writeMetainfo(key(1).slice(0, 40), Buffer.alloc(9000, 2)),
    is: 'ENOSPC',
    async works(w) {
      const infoHash = key(1).slice(0, 40)
      expect(await w.store.readMetainfo(infoHash)).toEqual(Buffer.from('old'))
      await w.store.writeMetainfo(infoHash, Buffer.alloc(9000, 2))
      expect(await w.store.readMetainfo(infoHash)).toEqual(Buffer.alloc(9000, 2))
    },
  },
  'a file of slots': {
    begin: async (w) => () => w.store.openSlots(key(2)),
    is: 'DOES_NOT_FIT',
    works: async (w) => (await w.store.openSlots(key(2))).close(),
  },
  'the marker, with the running time': {
    begin: async (w) => () => w.store.saveRunningTime(),
    is: 'fine',
    works: (w) => w.store.saveRunningTime(),
  },
  'the management file': {
    async begin(w) {
      await writeManagementFile(w.dir, access)
      return () => writeManagementFile(w.dir, { ...access, port: 7001 })
    },
    is: 'ENOSPC',
    async works(w) {
      expect((await readManagementFile(w.dir))?.port).toBe(7000)
      await writeManagementFile(w.dir, { ...access, port: 7001 })
      expect((await readManagementFile(w.dir))?.port).toBe(7001)
    },
  },
  'the table of the DHT': {
    async begin(w) {
      await saves(w, 1)
      return () => saves(w, 2)
    },
    is: 'fine',
    async works(w) {
      const nodes = async () => (await readDhtTable(join(w.dir, DHT)))?.nodes
      expect(await nodes()).toEqual(['192.0.2.1:1'])
      await saves(w, 2)
      expect(await nodes()).toEqual(['192.0.2.1:2'])
    },
  },
  'the journal of values': {
    async begin(w) {
      const index = values(w)
      later(() => index.close())
      await index.writeValue('early', 'x', 0, HOUR)
      return () => index.writeValue('late', 'x'.repeat(9000), 0, HOUR)
    },
    is: 'fine',
    async works(w) {
      await ends.pop()?.()
      const index = values(w)
      for (const name of ['early', 'late']) expect(await index.readValue(name)).toBeDefined()
      await index.close()
    },
  },
  'the database': {
    async begin(w) {
      const index = database(w)
      later(() => index.close())
      await index.writeValue('early', 'x', 0, HOUR)
      return async () => {
        const large = 'x'.repeat(200_000)
        for (let n = 0; n < 20; n++)
          await index.writeValue(`late ${n}`, large, 0, HOUR).catch(() => {})
        expect((await index.readValue('early'))?.value).toBe('x')
      }
    },
    is: 'fine',
    async works(w) {
      await ends.pop()?.()
      const index = database(w)
      await eventually('a database in use', () => index.connected)
      expect((await index.readValue('early'))?.value).toBe('x')
      expect(await index.writeValue('after', 1, 0, HOUR)).toBe(true)
      await index.close()
    },
  },
  'the folder of a film that is removed': {
    begin: async (w) => {
      await w.put(key(2), FILM)
      return async () => expect(await w.store.remove(key(2))).toBe(true)
    },
    is: 'fine',
    works: async (w) => expect(w.store.stored(key(2))).toBe(undefined),
  },
}

let volume: SmallVolume | string
let turn = 0
let outside: World
let w: World
beforeEach(async () => {
  outside = await world()
  volume = await mountVolume(join(outside.dir, `volume-${++turn}`), 'size=3m,nr_inodes=60')
  if (typeof volume === 'string') return
  w = await world({ dir: volume.dir, clock: fakeClock() })
  await w.put(key(1), FILM)
  await w.store.writeMetainfo(key(1).slice(0, 40), Buffer.from('old'))
})
afterEach(async () => {
  for (const end of ends.reverse()) await end().catch(() => {})
  ends = []
  if (typeof volume === 'object') {
    await w.store.close()
    await w.index.close()
    await volume.end()
  }
  await outside.end()
})

/** The film that was here before has all its bytes. */
async function playsWhatIsHere(): Promise<void> {
  const pinned = await w.store.pin(key(1))
  if (!pinned) throw new Error('the film is gone')
  const bytes = await readAll(pinned.read({ start: 0, end: FILM.size - 1 }))
  pinned.release()
  expect(bytes.equals(await readFile(filePaths(w.dir, key(1)).payload))).toBe(true)
  expect(bytes).toHaveLength(FILM.size)
}

const outcomeOf = (tried: Promise<unknown>): Promise<string | undefined> =>
  tried.then(
    () => 'fine',
    (error: unknown) => errorCode(error) ?? String(error),
  )

const without = (...some: readonly string[]) =>
  Object.entries(places).filter(([what]) => !some.includes(what))
/** An empty file needs no room. */
const inRoom = without('a file of slots')
/** What makes no file needs no name. */
const byName = without('the sidecar of a partial that is closed', 'a piece, and its edge')

type Lack = 'fill' | 'fillNames'
const lacking = [
  ...inRoom.map(([what, place]) => ['room', what, 'fill' as Lack, place] as const),
  ...byName.map(([what, place]) => ['name', what, 'fillNames' as Lack, place] as const),
]

test.each(lacking)('no %s for %s', async (lack, what, fill, { begin, is, works }) => {
  if (typeof volume === 'string') return notRun(`no ${lack} for ${what}`, volume)
  const tries = await begin(w)
  const free = await volume[fill]()
  expect(await outcomeOf(tries())).toBe(is)
  await playsWhatIsHere()
  await free()
  await works(w)
  await playsWhatIsHere()
})

test.each(['fill', 'fillNames'] as const)(
  'no room for the lock (%s): one sentence, nothing left behind',
  async (fill) => {
    if (typeof volume === 'string') return notRun('no room for the lock', volume)
    await w.store.close()
    const { node } = w.store
    const free = await volume[fill]()
    const names = async () =>
      (await readdir(w.dir)).filter((name) => !/^(filler|name-\d+)$/.test(name))
    const before = await names()
    await expect(world({ dir: w.dir })).rejects.toThrow(/there is no room left on its volume/)
    expect(await names()).toEqual(before)
    await free()
    w = await world({ dir: w.dir })
    expect(w.store.node).toBe(node)
    await playsWhatIsHere()
  },
)
