import { readFileSync, writeFileSync } from 'node:fs'
import { childrenOf } from '../../test/support/server/processes.ts'

const MIB = 1024
const LOOK_MS = 2

/** MiB of a field of proc(5)'s status; undefined: the process has just ended. */
function mebibytes(pid: number, field: 'VmRSS' | 'VmHWM'): number | undefined {
  try {
    const found = new RegExp(`${field}:\\s+(\\d+)`).exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )
    return found ? Number(found[1]) / MIB : undefined
  } catch {
    return undefined
  }
}

const isFfmpeg = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'ffmpeg'
  } catch {
    return false
  }
}

export interface JobMemory {
  /** MiB that the server had more at most than before: the thread that reads, and what is being sent. */
  readonly server: number
  /** The largest ffmpeg, MiB. */
  readonly ffmpeg: number
}

/** What a job takes at most, of a server that has done none before. */
export async function memoryOf(pid: number, job: () => Promise<unknown>): Promise<JobMemory> {
  // Forgets the largest resident set it ever had (proc(5), clear_refs).
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const before = mebibytes(pid, 'VmRSS') ?? Number.NaN
  let ffmpeg = 0
  // What it had at most is told while it lives only.
  const look = setInterval(() => {
    for (const child of childrenOf(pid).filter(isFfmpeg)) {
      ffmpeg = Math.max(ffmpeg, mebibytes(child, 'VmHWM') ?? 0)
    }
  }, LOOK_MS)
  try {
    await job()
  } finally {
    clearInterval(look)
  }
  return { server: (mebibytes(pid, 'VmHWM') ?? Number.NaN) - before, ffmpeg }
}
