import { spawn } from 'node:child_process'
import { startCommand } from '../scripts/start-command.ts'
import { type Child, overseen } from './child.ts'

export interface PlaylinkServer extends Child {
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

/** A line of its log, of which only what is read here is known. */
export interface LogLine {
  readonly level?: unknown
  readonly msg?: unknown
  readonly port?: unknown
}

/**
 * Starts what `npm start` does, on loopback and with nothing of the user's own settings.
 * @param more settings beside those
 */
export function startPlaylinkServer(
  { folder, cacheDir, catalogue, port }: ServerPlaces,
  more: Readonly<Record<string, string>> = {},
  onLog: (line: LogLine) => void = () => {},
): PlaylinkServer {
  const command = startCommand()
  const child = spawn(process.execPath, [...command.args], {
    cwd: folder,
    env: {
      ...command.env,
      ...keep('PATH', 'HOME', 'LANG', 'TZ'),
      // What one that is killed leaves goes with the demo's own folder.
      TMPDIR: folder,
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
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const listening = Promise.withResolvers<number>()
  const overseer = overseen(child, (text) => {
    const line = logLineOf(text)
    if (!line) return
    if (line.msg === 'listening' && typeof line.port === 'number') listening.resolve(line.port)
    onLog(line)
  })
  return { ...overseer, port: listening.promise }
}

const keep = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** Undefined for what is none of the log's lines. */
function logLineOf(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null ? line : undefined
  } catch {
    return undefined
  }
}
