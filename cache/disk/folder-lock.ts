import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { z } from 'zod'
import { errorCode, isMissing } from './replace-file.ts'

export const LOCK = '.lock'

/** Long enough for another process between two of its steps on this folder. */
const TAKEOVER_CHECK_MS = 100

const holderSchema = z.object({
  pid: z.int().positive(),
  started: z.string(),
  token: z.string().default(''),
})
type Holder = z.infer<typeof holderSchema>

/**
 * When a process began, as its system tells it: a pid alone is not a name, it is soon given again
 * (in a container every start has the same one). Empty when there is no such process.
 */
async function startOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    try {
      // proc(5): field 22; the name in field 2 may hold spaces and brackets itself.
      const text = await readFile(`/proc/${pid}/stat`, 'utf8')
      return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
    } catch {
      return ''
    }
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim()
  } catch {
    return ''
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives, as another user's.
    if (errorCode(error) === 'ESRCH') return false
  }
  return (await startOf(holder.pid)) === holder.started
}

/** Puts the lock there with its content as one step; false when one is there already. */
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

/** Moves a dead process' lock away. Two may try: only who moved the very lock it judged goes on. */
async function takeAway(path: string, judged: Holder | undefined): Promise<void> {
  const moved = `${path}.dead-${randomBytes(6).toString('hex')}`
  try {
    await rename(path, moved)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  const found = await readHolder(moved)
  if (JSON.stringify(found) !== JSON.stringify(judged)) await place(path, moved)
  await rm(moved, { force: true })
}

export type FolderLock =
  | { readonly won: true; release(): Promise<void> }
  | { readonly won: false; readonly pid: number }

/** The process that has the folder now, for who only asks. */
export async function folderOwner(dir: string): Promise<number | undefined> {
  const holder = await readHolder(join(dir, LOCK))
  return holder && (await isAlive(holder)) ? holder.pid : undefined
}

/** One process at a time works in a folder; the lock of a dead one is taken over. */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = join(dir, LOCK)
  const token = randomBytes(6).toString('hex')
  const temporary = `${path}.new-${token}`
  const mine: Holder = { pid: process.pid, started: await startOf(process.pid), token }
  const isMine = async (): Promise<boolean> => (await readHolder(path))?.token === token
  const release = async (): Promise<void> => {
    if (await isMine()) await rm(path, { force: true })
  }

  await writeFile(temporary, JSON.stringify(mine))
  try {
    let tookAway = false
    for (let tries = 0; tries < 5; tries++) {
      if (await place(path, temporary)) {
        // Another one may just have moved our lock for the dead one's; it puts ours back at once.
        if (tookAway) await delay(TAKEOVER_CHECK_MS)
        if (!tookAway || (await isMine())) return { won: true, release }
      }
      const holder = await readHolder(path)
      if (holder && (await isAlive(holder))) return { won: false, pid: holder.pid }
      await takeAway(path, holder)
      tookAway = true
    }
    return { won: false, pid: (await readHolder(path))?.pid ?? 0 }
  } finally {
    await rm(temporary, { force: true })
  }
}
