import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../wait.ts'

/** A control group with a limit of memory, as a container or a unit with MemoryMax is one. */
export interface MemoryGroup {
  /** Put before a command, it runs in the group. */
  readonly enter: readonly string[]
  /** How many of its processes the kernel has ended for want of memory. */
  killed(): number
  /** The most that it ever had, bytes; of v2 before Linux 5.19 what it has now. */
  peak(): number
  /** Waits until nobody is in it any more. */
  end(): Promise<void>
}

/** Where groups are, of v1 and v2, and what the same things are called there. */
const KINDS = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peaks: ['memory.max_usage_in_bytes'],
    kills: 'memory.oom_control',
  },
  {
    root: '/sys/fs/cgroup',
    limit: 'memory.max',
    peaks: ['memory.peak', 'memory.current'],
    kills: 'memory.events',
  },
]

let count = 0

/** Who has ended in it leaves it a moment later: until then it is busy. */
const removed = async (group: string): Promise<void> => {
  await eventually('the group is empty', () => {
    try {
      rmdirSync(group)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    }
  })
}

/** Only root may make one, and not everywhere: otherwise the answer is why not. */
export function openMemoryGroup(bytes: number): MemoryGroup | string {
  const why: string[] = []
  for (const { root, limit, peaks, kills } of KINDS) {
    const group = join(root, `playlink-test-${process.pid}-${++count}`)
    try {
      mkdirSync(group)
    } catch (error) {
      why.push(String(error))
      continue
    }
    if (!existsSync(join(group, limit))) {
      rmdirSync(group)
      why.push(`no memory controller below ${root}`)
      continue
    }
    writeFileSync(join(group, limit), String(bytes))
    const read = (name: string): string => readFileSync(join(group, name), 'utf8')
    return {
      enter: ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh'],
      killed: () => Number(/^oom_kill (\d+)/m.exec(read(kills))?.[1] ?? 0),
      peak: () => Number(read(peaks.find((name) => existsSync(join(group, name))) ?? limit)),
      end: () => removed(group),
    }
  }
  return why.join('; ')
}
