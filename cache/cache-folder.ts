import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../common/log.ts'
import { LOCK, lockFolder } from './folder-lock.ts'
import { errorCode, isMissing, replaceFile } from './replace-file.ts'

/** Says that a folder is ours, and which node's. */
export const MARKER = '.playlink'
export const TORRENT_FOLDER = /^[0-9a-f]{40}$/
/** Notes of the memory backend, and what a crash or a set-aside made of them. */
const NOTES = /^notes\.json(\.|$)/
/** The file of the sqlite backend, likewise. */
const DATABASE = /^index\.sqlite(\.|-|$)/
/** What a fresh volume may hold that nobody put there. */
const HARMLESS = new Set(['lost+found', '.DS_Store', '.Trash-0'])

/** CACHE_DIR cannot be used; the message is one line for the operator. main exits 78 (EX_CONFIG). */
export class CacheFolderError extends Error {
  override readonly name = 'CacheFolderError'
}

const markerSchema = z.object({
  version: z.literal(1),
  node: z.string().regex(/^[0-9a-z-]{1,64}$/),
})

export interface CacheFolder {
  readonly dir: string
  /** This node's id, kept in the marker. */
  readonly node: string
  /** Gives the folder back to the next process. */
  release(): Promise<void>
}

function whyNot(error: unknown): string {
  const code = errorCode(error)
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be written by this user'
  if (code === 'EROFS') return 'it is on a read-only file system'
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'it is not a folder'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'there is no room left on its volume'
  return code ?? 'unknown error'
}

/** Ours by the marker, or empty enough to become ours. */
async function refuseForeign(dir: string): Promise<void> {
  const names = await readdir(dir)
  if (names.includes(MARKER)) return
  const foreign = names.filter((name) => !name.startsWith(LOCK) && !HARMLESS.has(name))
  if (foreign.length === 0) return
  throw new CacheFolderError(
    `CACHE_DIR ${dir} is not empty and was not made by Playlink (no ${MARKER} in it): name an empty or a new folder.`,
  )
}

async function nodeOf(dir: string, log: Log): Promise<string> {
  const path = join(dir, MARKER)
  try {
    return markerSchema.parse(JSON.parse(await readFile(path, 'utf8'))).node
  } catch (error) {
    if (!isMissing(error)) log.warn({ err: error }, 'the cache folder has a broken marker: renewed')
  }
  const node = randomBytes(8).toString('hex')
  await replaceFile(path, JSON.stringify({ version: 1, node }))
  return node
}

/**
 * Opens CACHE_DIR for this process alone, creates it when it is missing.
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
      return { dir, node: await nodeOf(dir, log), release: lock.release }
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

/** Empties our marked folder; names that are not ours stay, whoever put them there. */
export async function emptyCacheFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (TORRENT_FOLDER.test(name) || NOTES.test(name) || DATABASE.test(name)) {
      await rm(join(dir, name), { recursive: true, force: true })
    }
  }
}
