import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fieldsOfStat } from '../../../common/host/proc-stat.ts'
import { eventually } from '../wait.ts'

/** Direct children of a process, as Linux tells them. */
export function childrenOf(pid: number): number[] {
  const found: number[] = []
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const line = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim()
      if (line) found.push(...line.split(/\s+/).map(Number))
    }
  } catch {
    // the process or one of its threads has just gone
  }
  return found
}

export const isRunning = (pid: number): boolean => stateOf(pid) !== undefined

/** State letter and group of a process; undefined when it is gone or only waits to be reaped. */
function stateOf(pid: number): { group: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, , group] = fieldsOfStat(stat)
    return state === 'Z' ? undefined : { group: Number(group) }
  } catch {
    return undefined
  }
}

/** Who is left in a process group. */
export function groupMembers(pgid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => stateOf(pid)?.group === pgid)
}

export function killGroup(pgid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(-pgid, signal)
  } catch {
    // nobody is left: what was wanted
  }
}

export const hasExited = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null

/** Resolves with the exit code, or the signal's name. */
export async function exitOf(child: ChildProcess): Promise<number | string> {
  if (!hasExited(child)) await once(child, 'exit')
  return child.exitCode ?? child.signalCode ?? -1
}

/**
 * Ends a group for good. A member that outlived its leader is killed, and then this throws:
 * a process that stays behind is a fault of what we test.
 */
export async function endGroup(pgid: number, what: string, graceMs = 10_000): Promise<void> {
  try {
    await eventually(
      `every process of ${what} gone`,
      () => groupMembers(pgid).length === 0,
      graceMs,
      () => `(left: ${groupMembers(pgid).join(', ')})`,
    )
  } finally {
    killGroup(pgid)
  }
}
