import { closeSync, openSync } from 'node:fs'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import { folderOwner } from '../../../cache/disk/folder-lock.ts'
import { readSidecar } from '../../../cache/disk/sidecar.ts'
import { openFileStore } from '../../../cache/store/disk-file-store.ts'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import { errorCode } from '../../../common/errors.ts'
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

/** What a running store says without descriptors, and with them again. */
async function running(): Promise<unknown> {
  const index = createMemoryIndex({ clock: systemClock })
  const store = await openFileStore({ dir, persistent: true, index, clock: systemClock, log })
  const size = 3000
  const shape = { pieceLength: 1024, torrentLength: size, offset: 0, size }
  const other = `${'f'.repeat(40)}/0` as FileKey
  const tries = [
    () => store.pin(fileKey).then((file) => file?.release()),
    () => store.open(other, 'new', shape).then((partial) => partial.close()),
    () => store.openSlots(other).then((slots) => slots.close()),
    () => store.saveRunningTime(),
  ]
  const refused = []
  for (const attempt of tries) refused.push(await without(attempt))
  const stored = store.stored(fileKey)?.complete
  const again = []
  for (const attempt of tries) again.push(await attempt().then(() => 'fine', codeOf))
  await store.close()
  await index.close()
  return { refused, stored, again }
}
process.stdout.write(JSON.stringify({ outcomes, sidecar, lock, running: await running() }))
