import { readFileSync, writeFileSync } from 'node:fs'
import { familyOf } from '../streaming/process-figures.ts'

const MIB = 1024
const LOOK_MS = 2

/** MiB of a field of proc(5)'s status; undefined: the process has just ended. */
function mebibytes(pid: number, field: 'VmRSS' | 'VmHWM' | 'RssAnon'): number | undefined {
  try {
    const found = new RegExp(`${field}:\\s+(\\d+)`).exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )
    return found ? Number(found[1]) / MIB : undefined
  } catch {
    return undefined
  }
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

export interface JobMemory {
  /**
   * MiB that the server had more at most than before: the thread that reads, and what is being sent; and what the
   * process that starts ffmpeg has of its own.
   */
  readonly server: number
  /** The largest ffmpeg, MiB. */
  readonly ffmpeg: number
}

/** What a job takes at most, of a server that has done none before. */
export async function memoryOf(pid: number, job: () => Promise<unknown>): Promise<JobMemory> {
  // Forgets the largest resident set it ever had (proc(5), clear_refs).
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const before = mebibytes(pid, 'VmRSS') ?? Number.NaN
  let [ffmpeg, starter] = [0, 0]
  // What it had at most is told while it lives only.
  const look = setInterval(() => {
    for (const child of familyOf(pid)) {
      const command = commandOf(child)
      if (command.startsWith('ffmpeg')) ffmpeg = Math.max(ffmpeg, mebibytes(child, 'VmHWM') ?? 0)
      if (command.includes('fork-server')) {
        starter = Math.max(starter, mebibytes(child, 'RssAnon') ?? 0)
      }
    }
  }, LOOK_MS)
  try {
    await job()
  } finally {
    clearInterval(look)
  }
  const server = (mebibytes(pid, 'VmHWM') ?? Number.NaN) - before
  return { server: server + starter, ffmpeg }
}
