import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { formatAccessTokens, hashOfToken } from '../../common/access-tokens.ts'
import { fileChecks } from '../../doctor/file-checks.ts'
import { checkFolder, checkRoom } from '../../doctor/folder-checks.ts'
import { checkFfmpeg, checkNode } from '../../doctor/host-checks.ts'
import { mountVolume, notRun } from '../support/server/small-volume.ts'
import { startWeb } from '../support/web.ts'
import { configOf, like, never, runAll, setupOf } from './setup.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-doctor-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const at = (dir: string, env = {}) => configOf({ CACHE_DIR: dir, ...env })

describe('CACHE_DIR', () => {
  test('below the temporary folder, which others may empty; it is not made', async () => {
    const found = await checkFolder(at(join(folder, 'a/b')))
    expect(found).toEqual({ ...found, state: 'warning' })
    expect(await readdir(folder)).toEqual([])
  })

  test('a file in its way, or a folder of somebody else', async () => {
    await writeFile(join(folder, 'file'), '')
    for (const dir of [join(folder, 'file'), join(folder, 'file/cache')]) {
      expect(await checkFolder(at(dir))).toEqual(like('fault', 'is not a folder', 'another folder'))
    }
    const found = await checkFolder(at(folder))
    expect(found).toEqual(like('fault', 'not made by Playlink', 'set CACHE_DIR'))
  })

  test('a volume that is small, full, in memory or may only be read', async () => {
    const volume = await mountVolume(join(folder, 'volume'), 'size=64m')
    if (typeof volume === 'string') return notRun('the doctor on a small volume', volume)
    const dir = join(volume.dir, 'cache')
    try {
      expect(await checkFolder(at(dir))).toEqual(like('warning', 'in memory', 'on a disk'))
      expect(await checkRoom(at(dir))).toEqual(
        like('warning', 'CACHE_MAX_DISK_MB allows 5.0 GB', 'Set CACHE_MAX_DISK_MB=58'),
      )
      expect(await checkRoom(at(dir, { CACHE_MAX_DISK_MB: '20' }))).toEqual(like('ok', '20'))
      await volume.fill()
      expect(await checkRoom(at(dir))).toEqual(like('fault', 'too little', 'Make room'))
      await volume.remount('ro')
      expect(await checkFolder(at(dir))).toEqual(like('fault', 'EROFS', 'set CACHE_DIR'))
    } finally {
      await volume.end()
    }
  })
})

describe('files that the settings name', () => {
  const ask = (env: Readonly<Record<string, string>>) => runAll(fileChecks(setupOf(env)))

  test('a catalogue', async () => {
    const file = join(folder, 'mine.yaml')
    const write = (titles: object[]) => writeFile(file, JSON.stringify({ version: 1, titles }))
    const title = {
      ...{ id: 'tt1254207', type: 'movie', name: 'Big Buck Bunny' },
      sources: [{ url: 'https://a.example/film.mp4' }],
    }
    await write([title])
    expect(await ask({ CATALOGUE: file })).toEqual([like('ok', 'has 1 titles')])
    await write([title, { ...title, id: 'x' }])
    expect(await ask({ CATALOGUE: file })).toEqual([
      like('warning', '1 titles and 1 mistakes, such as', 'Mend it'),
    ])
    await rm(file)
    const missing = like('fault', 'is not there', 'Name a file or a folder')
    expect(await ask({ CATALOGUE: file })).toEqual([missing])
    await mkdir(file)
    expect(await ask({ CATALOGUE: file })).toEqual([like('warning', 'no titles', 'another file')])
    const web = await startWeb()
    expect(await ask({ CATALOGUE: `${web.base}/mine.yaml?key=geheim` })).toEqual([
      like('fault', `${web.base}/mine.yaml: answered 404`, 'CATALOGUE'),
    ])
    await web.close()
  })

  test('a blocklist, without which the server does not start', async () => {
    const file = join(folder, 'blocklist')
    const env = { CATALOGUE: folder, BLOCKLIST: file }
    const wrong = like('fault', 'cannot be read (ENOENT)', 'does not start')
    expect(await ask(env)).toEqual([expect.anything(), wrong])
    await writeFile(file, 'tt1254207\n')
    expect(await ask(env)).toEqual([expect.anything(), like('ok', 'is read')])
  })

  test("viewers' tokens", async () => {
    const file = join(folder, 'tokens')
    const env = { CATALOGUE: folder, ACCESS_TOKENS: file }
    const last = async () => (await ask(env)).at(-1)
    expect(await last()).toEqual(like('warning', 'is not there', 'add NAME'))
    await writeFile(file, formatAccessTokens([]))
    expect(await last()).toEqual(like('warning', 'holds none', 'add NAME'))
    const ann = { name: 'ann', streams: 1, added: new Date(0).toISOString() }
    await writeFile(file, formatAccessTokens([{ ...ann, sha256: hashOfToken('x') }]))
    expect(await last()).toEqual(like('ok', 'has 1 of them'))
    await writeFile(file, 'x')
    expect(await last()).toEqual(like('fault', 'no file of access tokens', 'does not start'))
  })
})

describe('programs', () => {
  test('Node', async () => {
    expect(await checkNode()).toEqual(like('ok', process.versions.node))
    expect(await checkNode('20.1.0')).toEqual(like('fault', 'Node 20.1.0', 'Install Node 22.18'))
  })

  test('ffmpeg', async () => {
    expect(await checkFfmpeg(configOf({}), never)).toEqual(like('ok', 'version '))
    const path = process.env.PATH
    process.env.PATH = folder
    try {
      expect(await checkFfmpeg(configOf({}), never)).toEqual(
        like('warning', 'not installed', 'BROWSER=copy'),
      )
      await writeFile(join(folder, 'ffmpeg'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
      expect(await checkFfmpeg(configOf({}), never)).toEqual(
        like('warning', 'does not run', 'ffmpeg -version'),
      )
    } finally {
      process.env.PATH = path
    }
    expect(await checkFfmpeg(configOf({ BROWSER: 'off' }), never)).toEqual(like('ok', 'not needed'))
  })
})
