import { cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createSqliteIndex } from '../../../cache/backends/sqlite/sqlite.ts'
import { filePaths, infoHashOf } from '../../../cache/disk/file-paths.ts'
import { listFileInfos } from '../../../cache/store/file-info.ts'
import { PieceFiles } from '../../../torrent/engine/storage/piece-files.ts'
import { entry } from '../../contracts/index-entries.ts'
import { key, layout, log, temporaryFolder, type World, world } from '../fixture.ts'

const film = layout(10_000)
/** Its first and last piece reach into the files beside it. */
const inner = layout(5000, { offset: 1500, torrentLength: 20_000 })
const HASH = infoHashOf(key(7))

let w: World
/** What a link points to: somebody else's, and in the shape of a torrent of ours. */
let foreign: string
beforeEach(async () => {
  w = await world()
  await w.put(key(1), film)
  await w.put(key(2), inner)
  foreign = await temporaryFolder()
  await cp(join(w.dir, infoHashOf(key(2))), foreign, { recursive: true })
  await writeFile(join(foreign, 'metainfo.torrent'), 'theirs')
  await writeFile(join(foreign, '0.json'), 'theirs')
  await writeFile(join(foreign, 'thesis.doc'), 'theirs')
  await writeFile(join(foreign, 'edges', '7-7'), 'theirs')
})
afterEach(async () => {
  await w.end()
  await rm(foreign, { recursive: true, force: true })
})

async function inside(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name)
    if ((await stat(path)).isFile()) found[name] = (await readFile(path)).toString('base64')
  }
  return found
}

/** [the link in CACHE_DIR, what of the foreign folder it points to] */
const LINKS: readonly (readonly [string, string])[] = [
  [HASH, '.'],
  [HASH, 'thesis.doc'],
  ['slots', '.'],
  ['notes.json', 'thesis.doc'],
  ['values.journal', 'thesis.doc'],
  ['notes.json.corrupt-1', 'thesis.doc'],
  ['.playlink', 'thesis.doc'],
  ['.management', 'thesis.doc'],
  [join(infoHashOf(key(2)), 'edges'), 'edges'],
  [join(infoHashOf(key(2)), 'edges', '0-9'), 'thesis.doc'],
  [join(infoHashOf(key(1)), '0'), 'thesis.doc'],
  [join(infoHashOf(key(1)), '0.json'), '0.json'],
  [join(infoHashOf(key(1)), '9'), '.'],
  [join(infoHashOf(key(1)), 'metainfo.torrent'), 'metainfo.torrent'],
]

async function link([name, target]: readonly [string, string]): Promise<void> {
  await rm(join(w.dir, name), { recursive: true, force: true })
  await symlink(join(foreign, target), join(w.dir, name))
}

describe.each(LINKS)('a link %s to %s', (...of) => {
  test.each([true, false])(
    'found at a start (persistent: %s) harms nothing',
    async (persistent) => {
      const before = await inside(foreign)
      await link(of)
      w = await w.reopen(persistent)
      await w.store.dropOrphans(-1)
      for (const { key: each } of [...w.store.records()]) await w.store.remove(each)
      await (await w.store.openSlots(key(3))).close()
      w = await w.reopen(false)
      expect(await inside(foreign)).toEqual(before)
    },
  )

  test('made while the server runs harms nothing', async () => {
    const before = await inside(foreign)
    await link(of)
    for (const n of [7, 1, 2]) {
      const size = n === 2 ? inner : film
      await w.store.writeMetainfo(infoHashOf(key(n)), Buffer.from('ours')).catch(() => undefined)
      const partial = await w.store.open(key(n), 'x.mkv', size).catch(() => undefined)
      await partial?.close()
    }
    await w.store.openSlots(key(3)).then(
      (slots) => slots.close(),
      () => undefined,
    )
    await w.store.dropOrphans(-1)
    for (const { key: each } of [...w.store.records()]) await w.store.remove(each)
    await listFileInfos(w.dir)
    expect(await inside(foreign)).toEqual(before)
  })
})

test('what a link points to is not played, listed or read', async () => {
  await link([HASH, '.'])
  await link([join(infoHashOf(key(1)), '0'), '0'])
  expect((await listFileInfos(w.dir)).map((info) => info.key)).not.toContain(key(7))
  w = await w.reopen()
  expect([...w.store.records()].map((record) => record.key)).toEqual([key(2)])
  await link([join(infoHashOf(key(2)), 'metainfo.torrent'), 'metainfo.torrent'])
  await expect(w.store.readMetainfo(infoHashOf(key(2)))).rejects.toMatchObject({ code: 'ELOOP' })
})

test('the engine writes through no link', async () => {
  const { folder } = filePaths(w.dir, key(2))
  await rm(join(folder, 'edges', '0-1'))
  await symlink(join(foreign, 'thesis.doc'), join(folder, 'edges', '0-1'))
  const files = await PieceFiles.open(folder, 0, inner)
  await expect(files.write(1, Buffer.alloc(1024))).rejects.toMatchObject({ code: 'ELOOP' })
  await files.close()
  await link([join(infoHashOf(key(1)), '0'), '0'])
  const opened = PieceFiles.open(filePaths(w.dir, key(1)).folder, 0, film)
  await expect(opened).rejects.toMatchObject({ code: 'ELOOP' })
})

test('links of other names stay, whoever made them', async () => {
  await symlink(foreign, join(w.dir, 'films'))
  w = await w.reopen(false)
  expect(await readdir(w.dir)).toContain('films')
})

describe('files with secrets', () => {
  const modeOf = async (path: string): Promise<string> =>
    ((await stat(path)).mode % 0o1000).toString(8)

  test('what is replaced as a whole only its user can read; nginx can read the films', async () => {
    const { sidecar, payload } = filePaths(w.dir, key(1))
    await w.store.writeMetainfo(infoHashOf(key(1)), Buffer.from('x'))
    const { metainfo } = filePaths(w.dir, key(1))
    for (const path of [sidecar, metainfo, join(w.dir, '.playlink')]) {
      expect([path, await modeOf(path)]).toEqual([path, '600'])
    }
    expect(await modeOf(payload)).toBe((0o666 & ~process.umask()).toString(8))
  })

  test('those of earlier versions are closed at the next start', async () => {
    const names = [
      'values.journal',
      'notes.json',
      'notes.json.corrupt-1',
      'index.sqlite',
      'index.sqlite-wal',
    ]
    for (const name of names) await writeFile(join(w.dir, name), 'x', { mode: 0o644 })
    w = await w.reopen()
    for (const name of names) expect([name, await modeOf(join(w.dir, name))]).toEqual([name, '600'])
  })

  test.each([true, false])('the database and its logs, there before: %s', async (there) => {
    const path = join(foreign, 'db', 'index.sqlite')
    await mkdir(join(foreign, 'db'))
    if (there) await writeFile(path, '', { mode: 0o644 })
    const index = createSqliteIndex({ path, persistent: true, clock: w.clock, log })
    await index.save(entry(1, { bytes: 1 }))
    const names = await readdir(join(foreign, 'db'))
    expect(names).toContain('index.sqlite-wal')
    for (const name of names) {
      expect([name, await modeOf(join(foreign, 'db', name))]).toEqual([name, '600'])
    }
    await index.close()
  })
})
