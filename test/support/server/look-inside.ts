import { existsSync, readFileSync, rmSync } from 'node:fs'
import { eventually } from '../wait.ts'
import type { Hold } from './holds.ts'
import type { Env, Playlink } from './playlink.ts'

/** What a server says of itself; the loop's figures are those since it was asked last. */
export interface Inside {
  /** Milliseconds in which nothing else had its turn, those that the machine took included. */
  readonly longestHoldMs: number
  /** Milliseconds of this thread's own work within one turn of the loop. */
  readonly longestCpuMs: number
  /** Of one callback; only with INSIDE_HOLDS. */
  readonly longestOne: Hold
  /** One name for each timer, socket and the like that is open. */
  readonly resources: readonly string[]
  /** Bytes of what nobody needs, but only a full collection finds; since the last one. */
  readonly outlived: number
  /** Bytes after a collection of what nobody needs. */
  readonly heapUsed: number
  readonly external: number
}

const hrefOf = (name: string): string => new URL(name, import.meta.url).href

/** Settings of a server that can be asked; each has a file of its own. */
export const insideEnv = (file: string): Env => ({
  NODE_OPTIONS: `--import=${hrefOf('./loopback-only.ts')} --import=${hrefOf('./inside.ts')}`,
  INSIDE_FILE: file,
})

export async function lookInside(server: Pick<Playlink, 'signal'>, file: string): Promise<Inside> {
  rmSync(file, { force: true })
  server.signal('SIGUSR2')
  await eventually('the server says how it is inside', () => existsSync(file))
  return JSON.parse(readFileSync(file, 'utf8'))
}
