import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { onEnd } from '../left-behind.ts'
import { type Program, startProgram } from '../streaming/program.ts'
import { QUEUE_MS, type Shape } from './shapes.ts'

const NEAR_ADDRESS = '10.77.0.1'
/** Of the tracker; peers have those that follow. */
export const FAR_ADDRESS = '10.77.0.2'
const peerAddress = (i: number): string => `10.77.0.${10 + i}`

export interface Network {
  /** What to put before a command so that it runs at that end. */
  readonly near: readonly [string, ...string[]]
  readonly far: readonly [string, ...string[]]
  readonly peerAddresses: readonly string[]
  close(): Promise<void>
}

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Compiles line.c; answers the program. */
export function compileLine(folder: string): string {
  const program = join(folder, 'line')
  const source = new URL('./line.c', import.meta.url).pathname
  execFileSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'inherit', 'inherit'] })
  return program
}

/** Two network namespaces and a line between them. Linux, root. */
export async function openNetwork(program: string, shape: Shape): Promise<Network> {
  const [near, far] = [`playlink-near-${process.pid}`, `playlink-far-${process.pid}`]
  const [nearDevice, farDevice] = [`pln${process.pid}`, `plf${process.pid}`]
  const peerAddresses = Array.from({ length: shape.peers }, (_, i) => peerAddress(i))
  let line: Program | undefined
  const remove = (): void => {
    for (const name of [near, far].filter((one) => existsSync(`/run/netns/${one}`))) {
      ip('netns', 'delete', name)
    }
  }
  const done = onEnd(remove)
  const close = async (): Promise<void> => {
    await line?.stop()
    remove()
    done()
  }
  try {
    for (const name of [near, far]) ip('netns', 'add', name)
    const { delayMs, loss, megabits } = shape
    const numbers = [delayMs, loss, megabits * 1000, QUEUE_MS].map(String)
    line = await startProgram([program, nearDevice, farDevice, ...numbers])
    for (const [name, device, addresses] of [
      [near, nearDevice, [NEAR_ADDRESS]],
      [far, farDevice, [FAR_ADDRESS, ...peerAddresses]],
    ] as const) {
      ip('link', 'set', device, 'netns', name)
      for (const address of addresses) {
        ip('-n', name, 'address', 'add', `${address}/24`, 'dev', device)
      }
      for (const up of ['lo', device]) ip('-n', name, 'link', 'set', up, 'up')
    }
  } catch (error) {
    await close()
    throw error
  }
  const inside = (name: string) => ['ip', 'netns', 'exec', name] as const
  return { near: inside(near), far: inside(far), peerAddresses, close }
}
