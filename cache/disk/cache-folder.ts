import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCode } from '../../common/errors.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { Log } from '../../common/log.ts'
import { ownFile } from '../../common/own-file.ts'
import { LOCK, lockFolder } from './folder-lock.ts'
import { namesWithoutLinks } from './links.ts'
import { dropManagementFile } from './management-file.ts'
import { isMissing, isUnread, replaceFile } from './replace-file.ts'
import { SEGMENTS } from './segment-files.ts'
import { SLOTS } from './slot-files.ts'

/** The file that marks a folder as Playlink's, and names its node. */
const MARKER = '.playlink'
export const TORRENT_FOLDER = /^[0-9a-f]{40}$/
/** Name of a sidecar in such a folder: `<file index>.json`. */
export const SIDECAR = /^(0|[1-9]\d{0,4})\.json$/
/** The key-value store of the memory backend, and what is left of a broken or half-written one. */
const MEMORY_VALUES = /^(values\.journal|notes\.json)(\.|$)/
/** The database of the sqlite backend, its log files, and broken ones that were set aside. */
const DATABASE = /^index\.sqlite(\.|-|$)/
/** Names that a new volume may hold without anybody's doing. */
const HARMLESS = new Set(['lost+found', '.DS_Store', '.Trash-0'])
/** A file that a crash left half written while it was replaced. */
const HALF_WRITTEN = /^(\.playlink|\.management|values\.journal|notes\.json)\.tmp-[0-9a-f]{12}$/
/** The same for a lock. A new one may belong to another process that is just starting. */
const LOCK_LEFTOVER = /^\.lock\.(new|dead)-[0-9a-f]{12}$/
const LOCK_LEFTOVER_AGE_MS = 60_000

/** CACHE_DIR cannot be used. The message is one line for the operator; main exits with 78 (EX_CONFIG). */
export class CacheFolderError extends Error {
  override readonly name = 'CacheFolderError'
}

const markerSchema = z.object({
  version: z.literal(1),
  node: z.string().regex(/^[0-9a-z-]{1,64}$/),
  runningMs: z.number().nonnegative().default(0),
})
type Marker = Omit<z.infer<typeof markerSchema>, 'version'>

export interface CacheFolder {
  readonly dir: string
  /** Id of this node, kept in the marker. */
  readonly node: string
  /** How long this node has run in all, when that was last saved; milliseconds. */
  readonly runningMs: number
  /** @throws the file system's error */
  saveRunningTime(runningMs: number): Promise<void>
  /** Unlocks the folder for the next process. */
  release(): Promise<void>
}

function whyNot(error: unknown): string {
  const code = errorCode(error)
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be written by this user'
  if (code === 'EROFS') return 'it is on a read-only file system'
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'it is not a folder'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'there is no room left on its volume'
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many files are open (ulimit -n)'
  return code ?? 'unknown error'
}

/** Passes a folder with our marker, and one that is empty enough to become ours. */
async function refuseForeign(dir: string): Promise<void> {
  const names = await readdir(dir)
  if (names.includes(MARKER)) return
  const foreign = names.filter(
    (name) => !name.startsWith(LOCK) && !HARMLESS.has(name) && !HALF_WRITTEN.test(name),
  )
  if (foreign.length === 0) return
  throw new CacheFolderError(
    `CACHE_DIR ${dir} is not empty and was not made by Playlink (no ${MARKER} in it): name an empty or a new folder.`,
  )
}

/**
 * The id of the node whose folder it is, without locking it; undefined when it has none yet.
 * @throws CacheFolderError when it is not ours or may not be read
 */
export async function readFolderNode(dir: string): Promise<string | undefined> {
  try {
    await refuseForeign(dir)
    return markerSchema.parse(JSON.parse(await readMarkerText(dir))).node
  } catch (error) {
    if (error instanceof CacheFolderError) throw error
    // No folder or marker yet, or a broken marker that the next start replaces.
    if (isMissing(error) || errorCode(error) === undefined) return undefined
    throw new CacheFolderError(`CACHE_DIR ${dir} cannot be read: ${whyNot(error)}.`, {
      cause: error,
    })
  }
}

const isOurs = (name: string): boolean =>
  [TORRENT_FOLDER, MEMORY_VALUES, DATABASE, HALF_WRITTEN].some((names) => names.test(name)) ||
  [MARKER, SLOTS, SEGMENTS].includes(name)

/**
 * Removes half-written files and symbolic links, and closes files that hold keys to others: earlier
 * versions let everybody read them. The folder is locked, so nobody is still writing in it.
 */
async function tidy(dir: string, log: Log): Promise<void> {
  for (const name of await namesWithoutLinks(dir, log, isOurs)) {
    const path = join(dir, name)
    const isOld = async (): Promise<boolean> => {
      const found = await stat(path).catch(() => undefined)
      return found !== undefined && Math.abs(Date.now() - found.mtimeMs) > LOCK_LEFTOVER_AGE_MS
    }
    if (HALF_WRITTEN.test(name) || (LOCK_LEFTOVER.test(name) && (await isOld()))) {
      await rm(path, { force: true })
    } else if (MEMORY_VALUES.test(name) || DATABASE.test(name)) {
      await chmod(path, 0o600)
    }
  }
}

const readMarkerText = (dir: string): Promise<string> =>
  readFile(join(dir, MARKER), { encoding: 'utf8', flag: ownFile.read })

const writeMarker = (dir: string, marker: Marker): Promise<void> =>
  replaceFile(join(dir, MARKER), JSON.stringify({ version: 1, ...marker }))

async function readMarker(dir: string, log: Log): Promise<Marker> {
  try {
    const { node, runningMs } = markerSchema.parse(JSON.parse(await readMarkerText(dir)))
    return { node, runningMs }
  } catch (error) {
    if (isUnread(error)) throw error
    if (!isMissing(error)) log.warn({ err: error }, 'the cache folder has a broken marker: renewed')
  }
  const marker = { node: randomBytes(8).toString('hex'), runningMs: 0 }
  await writeMarker(dir, marker)
  killPoint('folder:marked')
  return marker
}

/**
 * Opens CACHE_DIR for this process alone, and creates it when it is missing.
 * @throws CacheFolderError
 */
export async function openCacheFolder(dir: string, log: Log): Promise<CacheFolder> {
  try {
    await mkdir(dir, { recursive: true })
    await refuseForeign(dir)
    const lock = await lockFolder(dir)
    if (!lock.won) {
      throw new CacheFolderError(
        `CACHE_DIR ${dir} is in use by another Playlink (process ${lock.pid}): stop it, or name another folder.`,
      )
    }
    try {
      killPoint('folder:locked')
      await tidy(dir, log)
      await dropManagementFile(dir)
      const { node, runningMs } = await readMarker(dir, log)
      return {
        dir,
        node,
        runningMs,
        release: lock.release,
        saveRunningTime: (now) => writeMarker(dir, { node, runningMs: Math.round(now) }),
      }
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    if (error instanceof CacheFolderError) throw error
    throw new CacheFolderError(`CACHE_DIR ${dir} cannot be used: ${whyNot(error)}.`, {
      cause: error,
    })
  }
}

/** Removes everything of ours from our folder. Names that we do not use stay. */
export async function emptyCacheFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (TORRENT_FOLDER.test(name) || MEMORY_VALUES.test(name) || DATABASE.test(name)) {
      await rm(join(dir, name), { recursive: true, force: true })
      killPoint('empty:one')
    }
  }
}
