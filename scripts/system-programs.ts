import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export interface SystemProgram {
  readonly name: string
  /** What the tests use it for. */
  readonly why: string
  /** A command that succeeds when it is there. */
  readonly check: readonly [string, ...string[]]
  readonly debianPackage: string
  /** What to type where there is no apt-get. */
  readonly elsewhere: string
}

/** Programs that npm cannot bring and the tests cannot do without; no test is skipped for lack of one. */
export const systemPrograms: readonly SystemProgram[] = [
  {
    name: 'libtorrent for Python',
    why: 'seeds the swarms of the end-to-end tests, so that two implementations meet',
    check: ['/usr/bin/python3', '-c', 'import libtorrent'],
    debianPackage: 'python3-libtorrent',
    elsewhere: '/usr/bin/python3 -m pip install --user libtorrent',
  },
  {
    name: 'Chromium',
    why: 'opens the status page as a viewer would',
    check: ['/usr/bin/chromium', '--version'],
    debianPackage: 'chromium',
    elsewhere: 'put a Chromium that plays H.264 at /usr/bin/chromium',
  },
  {
    name: 'Redis',
    why: 'is started by the tests of the redis backend, alone, as a cluster and with sentinels',
    check: ['redis-server', '--version'],
    debianPackage: 'redis-server',
    elsewhere: 'brew install redis',
  },
  {
    name: 'nginx',
    why: 'stands in front of the server as docs/nginx.conf says',
    // Debian has it where only root's PATH looks.
    check: ['/usr/sbin/nginx', '-v'],
    debianPackage: 'nginx-light',
    elsewhere: 'put an nginx at /usr/sbin/nginx',
  },
  {
    name: 'ffmpeg',
    why: 'makes the films of the tests, and converts sound for browsers',
    check: ['ffmpeg', '-version'],
    debianPackage: 'ffmpeg',
    elsewhere: 'put ffmpeg into the PATH',
  },
  {
    name: 'haproxy',
    why: 'stands in front of several nodes as deploy/cluster/haproxy.cfg says',
    check: ['/usr/sbin/haproxy', '-v'],
    debianPackage: 'haproxy',
    elsewhere: 'put an haproxy at /usr/sbin/haproxy',
  },
]

/** One that is run by its name. */
const named = (
  name: string,
  command: string,
  debianPackage = command,
  why = 'shares swarms with us',
): SystemProgram => ({
  name,
  why,
  check: ['sh', '-c', `PATH="$PATH:/usr/sbin" command -v ${command}`],
  debianPackage,
  elsewhere: `put ${command} into the PATH`,
})

/** What `npm run test:interop` meets beside libtorrent; it goes on without those that cannot be had. */
export const interopPrograms: readonly SystemProgram[] = [
  named('Transmission', 'transmission-daemon'),
  named('aria2', 'aria2c', 'aria2'),
  named('qBittorrent', 'qbittorrent-nox'),
  named('Deluge', 'deluged'),
  named('rTorrent', 'rtorrent'),
  named('opentracker', 'opentracker', 'opentracker', 'is asked for peers'),
]

/** What `npm run test:browsers` plays films in, beside Chromium. */
export const browserPrograms: readonly SystemProgram[] = [
  named('Firefox', 'firefox-esr', 'firefox-esr', 'plays every kind of film'),
  named('PulseAudio', 'pulseaudio', 'pulseaudio', 'is the output of sound that Firefox asks for'),
]

/** How commands are run; false when one fails or is not there. */
export type Run = (command: readonly [string, ...string[]], shown: boolean) => boolean

export const runHere: Run = ([program, ...args], shown) => {
  const done = spawnSync(program, args, {
    stdio: shown ? ['ignore', 'inherit', 'inherit'] : 'ignore',
    // Some packages ask questions, and nobody is there to answer.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  return done.status === 0
}

export interface Machine {
  readonly run: Run
  readonly root: boolean
  readonly aptGet: boolean
}

export const thisMachine = (): Machine => ({
  run: runHere,
  root: process.getuid?.() === 0,
  aptGet: existsSync('/usr/bin/apt-get'),
})

/**
 * Sees to it that every program is there: installs with apt-get when it may.
 * Answers with undefined, or the sentence that says what to run.
 */
export function ensurePrograms(
  machine: Machine,
  programs: readonly SystemProgram[] = systemPrograms,
): string | undefined {
  const missing = () => programs.filter((program) => !machine.run(program.check, false))
  const lacking = missing()
  if (lacking.length === 0) return undefined
  const packages = lacking.map((program) => program.debianPackage)
  if (!machine.aptGet || !machine.root) return sentence(lacking, machine.aptGet)
  // Its lists may be old or absent (a fresh container): the install itself tells whether it matters.
  machine.run(['apt-get', 'update'], true)
  machine.run(['apt-get', 'install', '-y', '--no-install-recommends', ...packages], true)
  const still = missing()
  return still.length === 0 ? undefined : sentence(still, true)
}

function sentence(lacking: readonly SystemProgram[], aptGet: boolean): string {
  const what = lacking.map((program) => `${program.name} (${program.why})`).join(', ')
  const packages = lacking.map((program) => program.debianPackage).join(' ')
  const command = aptGet
    ? `sudo apt-get update && sudo apt-get install -y ${packages}`
    : lacking.map((program) => program.elsewhere).join(' && ')
  return `The tests need ${what}. Run this, then try again:\n  ${command}`
}
