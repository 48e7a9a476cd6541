import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import { key, layout, type World, world } from '../fixture.ts'

const CHILD = fileURLToPath(new URL('./no-descriptors-child.ts', import.meta.url))
const FILMS = 20
const MOST_FREE = 24

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

/** A file that could not be read is not a broken one: it was removed with its film, and its lock taken over. */
test('a start with too few descriptors removes nothing, whichever of its steps it stops at', async () => {
  for (let n = 1; n <= FILMS; n++) await w.put(key(n), layout(3000))
  const { node } = w.store
  await w.store.close()
  const shell = `ulimit -n 200 && exec "$0" --no-warnings "$1" "$2" ${MOST_FREE} ${key(1)}`
  const run = promisify(execFile)
  const { stdout } = await run('sh', ['-c', shell, process.execPath, CHILD, w.dir])
  const { outcomes, running, ...unread } = JSON.parse(stdout)
  expect(unread).toEqual({ sidecar: 'EMFILE', lock: 'EMFILE' })
  // 503 each, but for the marker, whose failure is the log's; nothing is forgotten for it.
  const busy = 'TOO_MANY_OPEN'
  expect(running.refused).toEqual([busy, busy, busy, 'nothing'])
  expect(running.stored).toBe(true)
  expect(running.again).toEqual(['fine', 'fine', 'fine', 'fine'])
  expect(outcomes).toHaveLength(MOST_FREE + 1)
  // It is the same node, or none: another one would have lost everything that the index knows of this one.
  expect(new Set(outcomes)).toEqual(new Set(['CacheFolderError', node]))
  w = await world({ dir: w.dir, clock: w.clock })
  expect(w.store.node).toBe(node)
  for (let n = 1; n <= FILMS; n++) {
    expect([n, w.store.stored(key(n))?.complete]).toEqual([n, true])
    expect((await readFile(filePaths(w.dir, key(n)).payload)).length).toBe(3000)
  }
})
