import { readFileSync } from 'node:fs'
import type { Film } from '../../test/support/cluster/world.ts'
import { MiB } from '../../test/support/swarm/payload.ts'
import { playMovie } from '../../test/support/titles.ts'
import { processFigures } from '../streaming/process-figures.ts'
import { read } from '../streaming/reader.ts'
import { median } from '../streaming/report.ts'

/** Who is asked for a film, and whose costs count. */
export interface Way {
  readonly base: string
  readonly pids: readonly number[]
}

export interface Costs {
  /** MiB a second. */
  readonly throughput: number
  /** Of the processes of the way, seconds for 10^9 bytes. */
  readonly cpuPerGB: number
}

/** First bytes a run: they are short, and differ. */
const STARTS = 40

/** What `read` compares with. */
const planOf = (film: Film) => ({ film: { ...film, size: film.bytes.length } as never })

/** Milliseconds, the median of many places in the film. */
export async function firstByte({ base }: Way, film: Film): Promise<number> {
  const all: number[] = []
  for (let i = 0; i < STARTS; i++) {
    const at = Math.floor((film.bytes.length / STARTS) * i)
    const plan = { ...planOf(film), at, length: 1000 }
    all.push((await read(base + playMovie(film.id), plan)).firstByteMs)
  }
  return median(all)
}

const cpuOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + processFigures(pid).cpu, 0)

/** Each film read whole from its way, all at the same time; CPU of all ways together. */
export async function wholeFilms(all: readonly (readonly [Way, Film])[]): Promise<Costs> {
  const pids = [...new Set(all.flatMap(([way]) => way.pids))]
  const bytes = all.reduce((sum, [, film]) => sum + film.bytes.length, 0)
  const before = cpuOf(pids)
  const since = performance.now()
  await Promise.all(all.map(([{ base }, film]) => read(base + playMovie(film.id), planOf(film))))
  const seconds = (performance.now() - since) / 1000
  return { throughput: bytes / MiB / seconds, cpuPerGB: (cpuOf(pids) - before) / (bytes / 1e9) }
}

/** Bytes that a process has written to files and sockets since it began (proc(5)). */
export const bytesWritten = (pid: number): number =>
  Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
