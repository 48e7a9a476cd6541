import { randomBytes } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../../common/errors.ts'
import { killPoint } from '../../common/kill-point.ts'

/**
 * Replaces a file in one step: a reader sees the old bytes or the new ones, also after a power cut.
 * Only this user may read it: names of films, addresses with keys and tokens are written this way.
 * @throws the file system's error; the old bytes are then still there
 */
export async function replaceFile(
  path: string,
  bytes: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.tmp-${randomBytes(6).toString('hex')}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      killPoint('replace:opened')
      // Parts are written one after the other; in between others have their turn.
      await writeFile(file, bytes)
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

/**
 * Flushes a folder: a rename in it survives a power cut only after this. File systems that cannot do it
 * give no such promise.
 */
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

export const isMissing = (error: unknown): boolean =>
  errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'

/** They say what is there: nothing, a folder, a link, a pipe, a socket or a device. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO', 'ENODEV'])

/**
 * The system could not read a file that may be as good as ever: too many are open, the disk fails, it is not
 * ours to read. Nothing follows from it for the file, least of all that it may be removed.
 */
export function isUnread(error: unknown): boolean {
  const code = errorCode(error)
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) && !NO_FILE.has(code)
}
