import { readFileSync, readlinkSync } from 'node:fs'
import { fieldsOfStat } from '../../common/host/proc-stat.ts'
import { childrenOf } from '../../test/support/server/processes.ts'

export interface ProcessFigures {
  /** Seconds, user and system, of those that have ended too. */
  readonly cpu: number
  /**
   * MiB, the largest resident set each process ever had, added up. The pages of a program and its libraries,
   * which processes of the same program share, are in memory once and count once.
   */
  readonly peak: number
}

const TICKS_PER_SECOND = 100

/** Of a process and all it started, as Linux tells (proc(5)). */
export function processFigures(pid: number): ProcessFigures {
  let cpu = 0
  let peak = 0
  const programs = new Set<string>()
  for (const member of familyOf(pid)) {
    try {
      const stat = readFileSync(`/proc/${member}/stat`, 'utf8')
      const fields = fieldsOfStat(stat)
      // Its own, and of its children that it has waited for.
      const ticks = fields.slice(11, 15).map(Number)
      cpu += ticks.reduce((a, b) => a + b) / TICKS_PER_SECOND
      const status = readFileSync(`/proc/${member}/status`, 'utf8')
      const mebibytes = (field: string): number =>
        Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
      const program = readlinkSync(`/proc/${member}/exe`)
      peak += mebibytes('VmHWM') - (programs.has(program) ? mebibytes('RssFile') : 0)
      programs.add(program)
    } catch {
      // It has just ended.
    }
  }
  return { cpu, peak }
}

/** A process, and all that came of it. */
export function familyOf(pid: number): number[] {
  const family = [pid]
  for (const member of family) family.push(...childrenOf(member))
  return family
}
