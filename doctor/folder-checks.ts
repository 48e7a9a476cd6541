import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { CacheFolderError, readFolderNode } from '../cache/disk/cache-folder.ts'
import { folderOwner } from '../cache/disk/folder-lock.ts'
import { isMissing } from '../cache/disk/replace-file.ts'
import { isMemoryVolume, roomOnVolume } from '../cache/disk/volume.ts'
import { isBelow } from '../cache/production-ready.ts'
import { listFileInfos } from '../cache/store/file-info.ts'
import { errorCode } from '../common/errors.ts'
import { readableSize } from '../common/readable-size.ts'
import type { Config } from '../config/config.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

type Settings = Pick<Config, 'cache'>
/** With less a film's pieces have no place. */
const LEAST_ROOM = 16 << 20
const OTHER = 'set CACHE_DIR to a folder that it may write'

/** The folder itself, or what it would be made in. */
async function nearestFolder(dir: string): Promise<string> {
  const isThere = await stat(dir).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false
      throw error
    },
  )
  return isThere || dir === dirname(dir) ? dir : nearestFolder(dirname(dir))
}

/** Whether the server could use CACHE_DIR. Writes nothing there, so a full volume is left to `checkRoom`. */
export async function checkFolder({ cache: { dir } }: Settings): Promise<Verdict> {
  const nearest = await nearestFolder(dir)
  try {
    if (!(await stat(nearest)).isDirectory()) {
      return fault(`${nearest} is not a folder`, 'Name another folder in CACHE_DIR.')
    }
    await access(nearest, constants.R_OK | constants.W_OK | constants.X_OK)
    await readFolderNode(dir)
  } catch (error) {
    if (error instanceof CacheFolderError) return fault(error.message, `Or ${OTHER}.`)
    const said = `this user may not write ${nearest} (${errorCode(error)})`
    return fault(said, `Give the folder to the user that runs Playlink, or ${OTHER}.`)
  }
  if (await isMemoryVolume(nearest)) {
    return warning(`${dir} lies in memory (tmpfs)`, 'Name a folder on a disk in CACHE_DIR.')
  }
  if (isBelow(tmpdir(), dir)) {
    return warning(
      `${dir} lies in the temporary folder, which others may empty`,
      'Name another folder in CACHE_DIR.',
    )
  }
  const owner = await folderOwner(dir).catch(() => undefined)
  const by = owner === process.pid ? 'this server' : `process ${owner}`
  const used = owner === undefined ? '' : `, in use by ${by}`
  return ok(`${dir} can be written${used}`)
}

/** Whether the volume has what the limits allow, counted with what is on it already. */
export async function checkRoom({ cache: { dir, maxDiskBytes } }: Settings): Promise<Verdict> {
  const files = await listFileInfos(dir).catch(() => [])
  const { free, margin } = await roomOnVolume(await nearestFolder(dir))
  const stored = files.reduce((sum, { saved }) => sum + (saved?.record.bytes ?? 0), 0)
  const room = Math.max(0, free - margin) + stored
  const there = `${readableSize(room)} for films on the volume of CACHE_DIR`
  const limit = `CACHE_MAX_DISK_MB allows ${readableSize(maxDiskBytes)}`
  if (room < Math.min(LEAST_ROOM, maxDiskBytes)) {
    return fault(`${there}: too little for any film`, 'Make room, or name a folder elsewhere.')
  }
  if (room >= maxDiskBytes) return ok(`${there}, ${limit}`)
  const fits = Math.floor(room / 1e6)
  return warning(
    `${there}, ${limit}`,
    `Set CACHE_MAX_DISK_MB=${fits}, or name a folder on a larger volume.`,
  )
}
