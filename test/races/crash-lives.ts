import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { temporaryFolder } from '../cache/fixture.ts'

const CHILD = new URL('./crash-child.ts', import.meta.url).pathname
/** The machine has two cores; more at once only slows all of them. */
const AT_ONCE = 2

/** Types are stripped and modules compiled once, not a hundred times. */
const compiled = await temporaryFolder()

const folders: string[] = [compiled]
/** In memory where possible, because a hundred lives would wait for the disk. */
export async function folder(): Promise<string> {
  const shared = await mkdtemp('/dev/shm/playlink-test-').catch(() => undefined)
  const dir = shared ?? (await temporaryFolder())
  folders.push(dir)
  return dir
}
export async function removeFolders(): Promise<void> {
  for (const dir of folders) await rm(dir, { recursive: true, force: true })
}

export interface Lifecycle {
  readonly said: readonly string[]
  readonly killed: boolean
}

/** One life of a cache in a process of its own, ended at a kill point or by itself. */
async function liveUntil(dir: string, mode: string, killAt: string): Promise<Lifecycle> {
  const child = spawn(process.execPath, ['--no-warnings', CHILD, dir, mode], {
    env: { PATH: process.env.PATH, PLAYLINK_KILL_AT: killAt, NODE_COMPILE_CACHE: compiled },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  )
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`${killAt}: ${Buffer.concat(errors)}`)
  return {
    said: Buffer.concat(out).toString().split('\n').filter(Boolean),
    killed: signal === 'SIGKILL',
  }
}

/** Kills at the first point passed, at the second and so on, until one life ends by itself. */
export async function atEveryPoint(
  mode: string,
  prepare: (dir: string) => Promise<unknown>,
  check: (dir: string, lifecycle: Lifecycle, where: string) => Promise<void>,
): Promise<number> {
  let next = 1
  let kills = 0
  let whole = false
  const worker = async (): Promise<void> => {
    while (!whole) {
      const where = `any:${next++}`
      const dir = await folder()
      await prepare(dir)
      const lifecycle = await liveUntil(dir, mode, where)
      if (lifecycle.killed) kills++
      else whole = true
      await check(dir, lifecycle, where).catch((error: unknown) => {
        whole = true
        throw new Error(`${mode} killed at ${where}, after: ${lifecycle.said.join(', ')}`, {
          cause: error,
        })
      })
      await rm(dir, { recursive: true, force: true })
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return kills
}
