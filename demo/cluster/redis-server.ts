import { spawn } from 'node:child_process'
import { type Child, overseen } from '../child.ts'

export interface RedisServer extends Child {
  /** It takes connections; never when it ends before that. */
  readonly ready: Promise<void>
}

/** A Redis on loopback that keeps nothing on disk. `folder`: where it runs. */
export function startRedisServer(program: string, folder: string, port: number): RedisServer {
  const nothingKept = ['--save', '', '--appendonly', 'no', '--dir', folder]
  const child = spawn(
    program,
    ['--port', String(port), '--bind', '127.0.0.1', '--daemonize', 'no', ...nothingKept],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const overseer = overseen(child, (line) => {
    if (line.includes('Ready to accept connections')) resolve()
  })
  return { ...overseer, ready }
}
