import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { startCommand } from '../scripts/start-command.ts'
import { type Child, overseen } from './child.ts'

interface PlaylinkServer extends Child {
  /** The port it serves on; never when it ends before that. */
  readonly port: Promise<number>
}

export interface ServerPlaces {
  /** Where it runs: a folder without `.env`, so that nobody's own settings get in. */
  readonly folder: string
  readonly cacheDir: string
  readonly catalogue: string
  readonly port: number
}

/** Starts what `npm start` does, on loopback and with nothing of the user's own settings. */
export function startPlaylinkServer({ folder, cacheDir, catalogue, port }: ServerPlaces) {
  const command = startCommand()
  const child = spawn(process.execPath, [...command.args], {
    cwd: folder,
    env: {
      ...command.env,
      ...keep('PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'),
      HOST: '127.0.0.1',
      PORT: String(port),
      CACHE_DIR: cacheDir,
      CATALOGUE: catalogue,
      OUTBOUND_ALLOW: '127.0.0.0/8',
      // Nothing is fetched from anywhere.
      ARCHIVE_ORG: 'off',
      CINEMETA_URL: 'off',
      DHT: 'off',
      // Ctrl-C is to end everything within seconds, also what plays.
      SHUTDOWN_GRACE: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const listening = Promise.withResolvers<number>()
  const overseer = overseen(child, (line) => {
    const found = portIn(line)
    if (found !== undefined) listening.resolve(found)
  })
  return { ...overseer, port: listening.promise } satisfies PlaylinkServer
}

/** Whether this port of loopback can be had; 0 always can. @throws what is not about the port */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

const keep = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

function portIn(line: string): number | undefined {
  try {
    const { msg, port } = JSON.parse(line) as { msg?: unknown; port?: unknown }
    return msg === 'listening' && typeof port === 'number' ? port : undefined
  } catch {
    // Not one of the log's lines.
    return undefined
  }
}
