import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { z } from 'zod'
import { errorCode } from '../../common/errors.ts'
import { fieldsOfStat } from '../../common/host/proc-stat.ts'
import { ownFile } from '../../common/own-file.ts'
import { isMissing, isUnread } from './replace-file.ts'

export const LOCK = '.lock'

/** Longer than another process needs between two steps of taking the lock over. */
const TAKEOVER_CHECK_MS = 100

const ownerSchema = z.object({
  pid: z.int().positive(),
  started: z.string(),
  token: z.string().default(''),
})
type LockOwner = z.infer<typeof ownerSchema>

/**
 * When a process began, as the system writes it; empty when there is no such process. A process id
 * alone does not identify a process: ids are reused, and in a container every start gets the same one.
 * @throws the system's error when it cannot say: who is taken for dead loses its folder
 */
async function startOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    try {
      // proc(5): field 22.
      return fieldsOfStat(await readFile(`/proc/${pid}/stat`, 'utf8'))[19] ?? ''
    } catch (error) {
      if (isUnread(error) && errorCode(error) !== 'ESRCH') throw error
      return ''
    }
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim()
  } catch (error) {
    if (isUnread(error)) throw error
    return ''
  }
}

/** Undefined: there is no lock, or none that says whose it is. @throws as startOf */
async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return ownerSchema.parse(
      JSON.parse(await readFile(path, { encoding: 'utf8', flag: ownFile.read })),
    )
  } catch (error) {
    if (isUnread(error)) throw error
    return undefined
  }
}

async function isAlive(owner: LockOwner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // Any other error, such as EPERM: it is alive and belongs to another user.
    if (errorCode(error) === 'ESRCH') return false
  }
  return (await startOf(owner.pid)) === owner.started
}

/** Creates the lock file with its content in one step; false when there is one already. */
async function place(path: string, temporary: string): Promise<boolean> {
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    // File systems without hard links (exFAT, some network shares).
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? '')) throw error
  }
  try {
    await writeFile(path, await readFile(temporary), { flag: 'wx' })
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Moves the lock of a dead process away. Several processes may try at once, so what was moved is
 * compared with what was found dead, and a lock that somebody has taken since is put back.
 */
async function takeAway(path: string, dead: LockOwner | undefined): Promise<void> {
  const moved = `${path}.dead-${randomBytes(6).toString('hex')}`
  try {
    await rename(path, moved)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  const found = await readOwner(moved)
  if (JSON.stringify(found) !== JSON.stringify(dead)) await place(path, moved)
  await rm(moved, { force: true })
}

export type FolderLock =
  | { readonly won: true; release(): Promise<void> }
  | { readonly won: false; readonly pid: number }

/** The process that has locked the folder, without taking the lock; undefined when none has. */
export async function folderOwner(dir: string): Promise<number | undefined> {
  const owner = await readOwner(join(dir, LOCK))
  return owner && (await isAlive(owner)) ? owner.pid : undefined
}

/** Locks a folder for this process. The lock of a process that has died is taken over. */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = join(dir, LOCK)
  const token = randomBytes(6).toString('hex')
  const temporary = `${path}.new-${token}`
  const mine: LockOwner = { pid: process.pid, started: await startOf(process.pid), token }
  const isMine = async (): Promise<boolean> => (await readOwner(path))?.token === token
  const release = async (): Promise<void> => {
    // What cannot be read stays: the next process finds it dead.
    if (await isMine().catch(() => false)) await rm(path, { force: true })
  }

  try {
    await writeFile(temporary, JSON.stringify(mine))
    let tookAway = false
    for (let tries = 0; tries < 5; tries++) {
      if (await place(path, temporary)) {
        // Another process may have moved our lock, taking it for the dead one's. It puts ours back at
        // once, so after a pause the lock shows who has won.
        if (tookAway) await delay(TAKEOVER_CHECK_MS)
        if (!tookAway || (await isMine())) return { won: true, release }
      }
      const owner = await readOwner(path)
      if (owner && (await isAlive(owner))) return { won: false, pid: owner.pid }
      await takeAway(path, owner)
      tookAway = true
    }
    return { won: false, pid: (await readOwner(path))?.pid ?? 0 }
  } finally {
    await rm(temporary, { force: true })
  }
}
