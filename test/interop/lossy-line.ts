import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { compileLine } from '../../bench/lines/network.ts'
import { exitOf } from '../support/server/processes.ts'

/** Addresses for measurements, which no network routes (RFC 2544); loopback-only.ts lets them pass here. */
const NEAR = '198.18.77.1'
const FAR = '198.18.77.2'
const DELAY_MS = 40
const LOSS_PERCENT = 1
const NO_LIMIT = 0
const QUEUE_MS = 100

/** What such a line needs and this machine has not; undefined: it can be opened. */
export const lineLacks = (): string | undefined =>
  process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'needs Linux and root'

export interface LossyLine {
  readonly farAddress: string
  /** What to put before a command so that it runs at the far end. */
  readonly inside: readonly string[]
  close(): Promise<void>
}

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/**
 * A line from here to a network namespace: 80 ms there and back, and of 100 packets one is lost, each way.
 * Linux, root, a C compiler.
 * @param folder for the compiled program
 */
export async function openLossyLine(folder: string): Promise<LossyLine> {
  const { pid } = process
  const [far, nearDevice, farDevice] = [`playlink-${pid}`, `pln${pid}`, `plf${pid}`]
  const numbers = [DELAY_MS, LOSS_PERCENT, NO_LIMIT, QUEUE_MS].map(String)
  const program = compileLine(folder)
  ip('netns', 'add', far)
  const line = spawn(program, [nearDevice, farDevice, ...numbers], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const close = async (): Promise<void> => {
    // It ends with its input, and its devices with it.
    line.stdin.end()
    await exitOf(line)
    ip('netns', 'delete', far)
  }
  try {
    // It says that it is ready.
    await Promise.race([once(line.stdout, 'data'), exitOf(line)])
    ip('link', 'set', farDevice, 'netns', far)
    ip('address', 'add', `${NEAR}/30`, 'dev', nearDevice)
    ip('link', 'set', nearDevice, 'up')
    ip('-n', far, 'address', 'add', `${FAR}/30`, 'dev', farDevice)
    for (const device of ['lo', farDevice]) ip('-n', far, 'link', 'set', device, 'up')
  } catch (error) {
    await close()
    throw error
  }
  return { farAddress: FAR, inside: ['ip', 'netns', 'exec', far], close }
}
