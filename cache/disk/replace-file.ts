import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { killPoint } from '../../common/kill-point.ts'

/**
 * Replaces a file as one step: readers see the old content or the new, also after a power cut.
 * @throws the file system's error; the old content is then still there
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp-${randomBytes(6).toString('hex')}`
  try {
    const file = await open(temporary, 'wx', 0o644)
    try {
      killPoint('replace:opened')
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    killPoint('replace:written')
    await rename(temporary, path)
    killPoint('replace:renamed')
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** A rename is only safe once its folder is. Some file systems cannot sync folders: then it is not. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (error) {
    if (!['EINVAL', 'EISDIR', 'EPERM', 'EACCES'].includes(errorCode(error) ?? '')) throw error
  }
}

/**
 * `ENOENT` and its like; undefined when it is not an error of the system. Asks for the property, not
 * the class: an error of Node's core may be another realm's (vm contexts, as test runners use).
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export const isMissing = (error: unknown): boolean =>
  errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'

/** No room on the volume, in the quota, or for a file of this size. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errorCode(error) ?? '')
