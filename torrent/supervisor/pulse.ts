import { readFileSync } from 'node:fs'
import { fieldsOfStat } from '../../common/host/proc-stat.ts'

/** Of a process, as the system tells. */
interface Vitals {
  /** proc(5): R runs or waits for the processor, D waits for the disk, T is stopped, S waits for something else. */
  readonly state: string
  /** What it has had of the processor, in milliseconds. */
  readonly cpuMs: number
}

/** Linux counts in hundredths of a second, whatever the kernel does inside (time(7)). */
const TICK_MS = 10

/** Undefined where the process is gone, or the system is not Linux. */
function vitalsOf(pid: number): Vitals | undefined {
  try {
    const fields = fieldsOfStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    const [state = ''] = fields
    // Its own, in user and in system mode.
    return { state, cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS }
  } catch {
    return undefined
  }
}

/**
 * Tells a process that hangs from one that a busy machine lets wait: ended and started again, that one would cost its
 * viewers their downloads and the machine more work.
 */
export class Pulse {
  readonly #vitals: (pid: number) => Vitals | undefined
  #cpuMs = 0

  constructor(vitals = vitalsOf) {
    this.#vitals = vitals
  }

  /** It gave a sign of life. */
  felt(pid: number): void {
    this.#cpuMs = this.#vitals(pid)?.cpuMs ?? 0
  }

  /** It would go on if it could, and has had less than so much of the processor since its last sign. */
  isStarved(pid: number, cpuMs: number): boolean {
    const now = this.#vitals(pid)
    return now !== undefined && 'RD'.includes(now.state) && now.cpuMs - this.#cpuMs < cpuMs
  }
}
