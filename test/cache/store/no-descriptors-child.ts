import { closeSync, openSync } from 'node:fs'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import { folderOwner } from '../../../cache/disk/folder-lock.ts'
import { errorCode } from '../../../cache/disk/replace-file.ts'
import { readSidecar } from '../../../cache/disk/sidecar.ts'
import { openFileStore } from '../../../cache/store/disk-file-store.ts'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import { createLog } from '../../../common/log.ts'

/**
 * Opens the store of a folder with 0, 1, 2, ... free descriptors, and says what came of each; and what is read
 * of a sidecar and of a lock without any.
 */
const [, , dir = '', most = '', key = ''] = process.argv
const log = createLog('silent')('cache')

function takeAll(): number[] {
  const taken: number[] = []
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'))
    } catch {
      return taken
    }
  }
}

async function open(free: number): Promise<string> {
  const index = createMemoryIndex({ clock: systemClock })
  const taken = takeAll()
  for (const descriptor of taken.splice(0, free)) closeSync(descriptor)
  try {
    const store = await openFileStore({ dir, persistent: true, index, clock: systemClock, log })
    for (const descriptor of taken.splice(0)) closeSync(descriptor)
    const { node } = store
    await store.close()
    return node
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown'
  } finally {
    for (const descriptor of taken) closeSync(descriptor)
    await index.close()
  }
}

// Node loads some of its own parts, and opens descriptors for its threads, at their first use.
await open(1000)
const outcomes: string[] = []
for (let free = 0; free <= Number(most); free++) outcomes.push(await open(free))

const codeOf = (error: unknown): string | undefined => errorCode(error) ?? 'an error of ours'
async function without(read: () => unknown): Promise<unknown> {
  const taken = takeAll()
  try {
    return (await read()) ?? 'nothing'
  } catch (error) {
    return codeOf(error)
  } finally {
    for (const descriptor of taken) closeSync(descriptor)
  }
}
const fileKey = key as FileKey
const sidecar = await without(() => readSidecar(filePaths(dir, fileKey).sidecar, fileKey))
const lock = await without(() => folderOwner(dir))
process.stdout.write(JSON.stringify({ outcomes, sidecar, lock }))
