import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import {
  CacheFolderError,
  emptyCacheFolder,
  openCacheFolder,
} from '../../../cache/disk/cache-folder.ts'
import { lockFolder } from '../../../cache/disk/folder-lock.ts'
import { openFileStore } from '../../../cache/store/disk-file-store.ts'
import { fakeClock, log, temporaryFolder } from '../fixture.ts'

let dir: string
beforeEach(async () => {
  dir = await temporaryFolder()
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const refusal = async (path = dir): Promise<string> => {
  const opened = openCacheFolder(path, log)
  await expect(opened).rejects.toBeInstanceOf(CacheFolderError)
  return opened.then(
    () => '',
    (error: Error) => error.message,
  )
}

test('a missing folder is made and marked; the node id is kept', async () => {
  const path = join(dir, 'a', 'b')
  const first = await openCacheFolder(path, log)
  expect(first.node).toMatch(/^[0-9a-f]{16}$/)
  expect((await readdir(path)).sort()).toEqual(['.lock', '.playlink'])
  await first.release()
  expect(await readdir(path)).toEqual(['.playlink'])
  const second = await openCacheFolder(path, log)
  expect(second.node).toBe(first.node)
  await second.release()
})

test('a folder with foreign files is refused in one line and not changed', async () => {
  await writeFile(join(dir, 'thesis.doc'), 'x')
  const message = await refusal()
  expect(message).toMatch(/not empty/)
  expect(message).not.toContain('\n')
  expect(await readdir(dir)).toEqual(['thesis.doc'])
})

test('names that a new volume has by itself are no reason to refuse', async () => {
  await mkdir(join(dir, 'lost+found'))
  await (await openCacheFolder(dir, log)).release()
})

test('a file, a place below a file and a folder that cannot be made are refused', async () => {
  await writeFile(join(dir, 'file'), 'x')
  expect(await refusal(join(dir, 'file'))).toMatch(/not a folder/)
  expect(await refusal(join(dir, 'file', 'below'))).toMatch(/not a folder/)
  expect(await refusal('/sys/kernel/playlink-cache')).toMatch(/cannot be used/)
})

test('a broken marker is renewed, not refused', async () => {
  await writeFile(join(dir, '.playlink'), 'what?')
  await writeFile(join(dir, 'other'), 'x')
  const folder = await openCacheFolder(dir, log)
  expect(JSON.parse(await readFile(join(dir, '.playlink'), 'utf8'))).toEqual({
    version: 1,
    node: folder.node,
    runningMs: 0,
  })
  await folder.release()
})

test('what a crash of the first start left is removed, and no reason to refuse', async () => {
  await writeFile(join(dir, '.playlink.tmp-0123456789ab'), '{"ver')
  await writeFile(join(dir, 'notes.json.tmp-0123456789ab'), '{')
  await writeFile(join(dir, 'values.journal.tmp-0123456789ab'), 'play')
  await writeFile(join(dir, '.lock.new-0123456789ab'), '{}')
  await writeFile(join(dir, '.lock.dead-0123456789ab'), '{}')
  await utimes(join(dir, '.lock.new-0123456789ab'), 1000, 1000)
  const folder = await openCacheFolder(dir, log)
  // The new one may belong to another process that is just starting.
  expect((await readdir(dir)).sort()).toEqual(['.lock', '.lock.dead-0123456789ab', '.playlink'])
  await folder.release()
})

test('our files without a marker and one foreign file: refused and not changed', async () => {
  const before = ['0'.repeat(40), 'holiday.jpg', 'notes.json']
  await mkdir(join(dir, '0'.repeat(40)))
  for (const name of before.slice(1)) await writeFile(join(dir, name), 'x')
  const index = createMemoryIndex({ clock: fakeClock() })
  const options = { dir, persistent: false, index, clock: fakeClock(), log }
  await expect(openFileStore(options)).rejects.toBeInstanceOf(CacheFolderError)
  expect((await readdir(dir)).sort()).toEqual(before)
})

test('the running time is saved beside the node id', async () => {
  const first = await openCacheFolder(dir, log)
  await first.saveRunningTime(1234.5)
  await first.release()
  const second = await openCacheFolder(dir, log)
  expect([second.node, second.runningMs]).toEqual([first.node, 1235])
  await second.release()
})

test('a second process is refused, and told which one has the folder', async () => {
  const first = await openCacheFolder(dir, log)
  expect(await refusal()).toContain(`process ${process.pid}`)
  await first.release()
  await (await openCacheFolder(dir, log)).release()
})

test('the lock of another live process counts', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  try {
    const text = await readFile(`/proc/${other.pid}/stat`, 'utf8')
    const started = text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
    await writeFile(join(dir, '.lock'), JSON.stringify({ pid: other.pid, started }))
    expect(await lockFolder(dir)).toEqual({ won: false, pid: other.pid })
    // Same pid, other start time: the pid was given to another process.
    await writeFile(join(dir, '.lock'), JSON.stringify({ pid: other.pid, started: '1' }))
    const lock = await lockFolder(dir)
    expect(lock.won).toBe(true)
  } finally {
    const ended = new Promise((resolve) => other.on('exit', resolve))
    other.kill('SIGKILL')
    await ended
  }
})

test.each([
  ['of a dead process', JSON.stringify({ pid: 2 ** 22 + 1, started: '5' })],
  ['that is empty', ''],
  ['that is garbage', '{"pid":"x"}'],
])('a lock %s is taken over', async (_, text) => {
  await writeFile(join(dir, '.lock'), text)
  const lock = await lockFolder(dir)
  expect(lock.won).toBe(true)
  expect(await readdir(dir)).toEqual(['.lock'])
  if (lock.won) await lock.release()
  expect(await readdir(dir)).toEqual([])
})

test('of many who take over a stale lock at once, one gets it', async () => {
  await writeFile(join(dir, '.lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '5' }))
  const locks = await Promise.all(Array.from({ length: 8 }, () => lockFolder(dir)))
  expect(locks.filter(({ won }) => won)).toHaveLength(1)
})

test('emptying removes only our names', async () => {
  const ours = ['0'.repeat(40), 'f'.repeat(40)]
  for (const name of ours) await mkdir(join(dir, name, 'edges'), { recursive: true })
  const others = [
    'F'.repeat(40),
    'a'.repeat(39),
    'notes.jsonx',
    'values.journals',
    '.playlink',
    'film.mkv',
  ]
  for (const name of [...others, 'notes.json', 'values.journal'])
    await writeFile(join(dir, name), 'x')
  await emptyCacheFolder(dir)
  expect((await readdir(dir)).sort()).toEqual([...others].sort())
})

test('a store that fails to open unlocks the folder', async () => {
  const clock = fakeClock()
  const index = createMemoryIndex({ clock })
  const options = { dir, persistent: false, index, clock, log }
  const store = await openFileStore(options)
  await expect(openFileStore(options)).rejects.toBeInstanceOf(CacheFolderError)
  await store.close()
  const again = await openFileStore(options)
  expect(again.node).toBe(store.node)
  await again.close()
  expect(await readdir(dir)).toEqual(['.playlink'])
})
