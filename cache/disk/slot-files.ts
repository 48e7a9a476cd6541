import { open, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { diskFault } from './disk-fault.ts'
import { makeFolder } from './file-paths.ts'
import { isMissing } from './replace-file.ts'

/** The folder of CACHE_DIR for contents that are played without being kept (docs/decisions/0007). */
export const SLOTS = 'slots'

/** An empty file for slots; the reservation of whoever opened it counts its bytes. */
export interface SlotFile {
  /** Absolute. */
  readonly path: string
  /** Gives its bytes back to the disk at once, whoever still has it open. Safe to call twice. */
  close(): Promise<void>
}

/** What a crash left: slots belong to running plays only. */
export const dropSlots = (dir: string): Promise<void> =>
  rm(join(dir, SLOTS), { recursive: true, force: true })

/**
 * One at a time per content; an older file of that name is emptied.
 * @throws Fault DOES_NOT_FIT (nothing can be written), INTERNAL
 */
export async function openSlots(dir: string, key: FileKey): Promise<SlotFile> {
  const path = join(dir, SLOTS, key.replace('/', '-'))
  try {
    await makeFolder(join(dir, SLOTS))
    await (await open(path, 'w')).close()
  } catch (error) {
    throw diskFault(error)
  }
  return { path, close: () => give(path) }
}

/** A file removed while the engine has it open would take its room until the engine hears of it. */
async function give(path: string): Promise<void> {
  await truncate(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
  })
  await rm(path, { force: true })
}
