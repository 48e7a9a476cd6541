import { execFileSync } from 'node:child_process'
import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { openCacheFolder, readFolderNode } from '../../../cache/disk/cache-folder.ts'
import { folderOwner } from '../../../cache/disk/folder-lock.ts'
import { readManagementFile } from '../../../cache/disk/management-file.ts'
import { fakeClock, log, temporaryFolder } from '../fixture.ts'

/** Nobody holds the other end: who opened one as usual would wait for ever. */
const NAMES = ['.playlink', '.lock', '.management', 'values.journal', 'notes.json']

let dir: string
beforeEach(async () => {
  dir = await temporaryFolder()
  const first = await openCacheFolder(dir, log)
  await first.release()
  for (const name of NAMES) {
    await rm(join(dir, name), { force: true })
    execFileSync('mkfifo', [join(dir, name)])
  }
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('pipes where our files should be hold up neither a start nor a command', async () => {
  expect(await readFolderNode(dir)).toBeUndefined()
  expect(await folderOwner(dir)).toBeUndefined()
  expect(await readManagementFile(dir)).toBeUndefined()
  const folder = await openCacheFolder(dir, log)
  expect(folder.node).toMatch(/^[0-9a-f]{16}$/)
  await folder.release()
})

test('pipes in place of values are replaced by files', async () => {
  const open = () =>
    createMemoryIndex({ clock: fakeClock(), log, valuesFile: join(dir, 'values.journal') })
  const index = open()
  expect(await index.readValue('a')).toBeUndefined()
  expect(await index.writeValue('a', 1, 0, 60_000)).toBe(true)
  await index.close()
  expect((await lstat(join(dir, 'values.journal'))).isFile()).toBe(true)
  const again = open()
  expect((await again.readValue('a'))?.value).toBe(1)
  await again.close()
})
