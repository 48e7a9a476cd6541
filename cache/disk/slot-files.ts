import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { errorCode } from '../../common/errors.ts'
import { ownFile } from '../../common/own-file.ts'
import { diskFault } from './disk-fault.ts'
import { isMissing } from './replace-file.ts'
import { makeFolder } from './stored-bytes.ts'

/** The folder in CACHE_DIR for files that are played without being kept (docs/decisions/0007). */
export const SLOTS = 'slots'

/** A file that pieces pass through while they are played. Its bytes count in the caller's reservation. */
export interface SlotStorage {
  /** Absolute path. */
  readonly path: string
  /** Frees its bytes at once, even when somebody still has it open. Safe to call twice. */
  close(): Promise<void>
}

/** Removes what a crash left: slots are of no use without the play that ran. */
export const dropSlots = (dir: string): Promise<void> =>
  rm(join(dir, SLOTS), { recursive: true, force: true })

/**
 * Opened at most once at a time per file; an older one of the same name is emptied.
 * @throws Fault DOES_NOT_FIT (nothing can be written), INTERNAL
 */
export async function openSlots(dir: string, key: FileKey): Promise<SlotStorage> {
  const path = join(dir, SLOTS, key.replace('/', '-'))
  try {
    await makeFolder(join(dir, SLOTS))
    await (await open(path, ownFile.write)).close()
  } catch (error) {
    throw diskFault(error)
  }
  return { path, close: () => emptyAndRemove(path) }
}

/** Emptied first: a removed file takes room for as long as the engine still has it open. */
async function emptyAndRemove(path: string): Promise<void> {
  try {
    await (await open(path, ownFile.write)).close()
  } catch (error) {
    if (!isMissing(error) && errorCode(error) !== 'ELOOP') throw error
  }
  await rm(path, { force: true })
}
