// `npm run test:image`: walks deploy/Dockerfile step by step in empty roots (chroot), for machines without an
// engine for containers, runs what comes of it as a container would be, and tells how large each layer is.
// It fails where all is more than 400 MiB. Root, Debian 12 with ffmpeg, debootstrap and its mirror, npm's registry. It is not docker: the base images are made by debootstrap (base-root.ts), with the Node
// and npm of this machine; --platform is not heard.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../run-command.ts'
import { CERTIFICATES, lend, makeDebian, makeNode, takeBack } from './base-root.ts'
import { converts } from './converts.ts'
import { type Instruction, readStages, variablesIn } from './dockerfile.ts'

const PORT = '17016'
/** Of the whole image. */
const MOST_MIB = 400
/** As docker has them. */
const BUILD_ARGUMENTS: Record<string, string> = {
  TARGETARCH: process.arch === 'x64' ? 'amd64' : process.arch,
}
const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** A root as it stands after some instructions. */
interface Root {
  readonly dir: string
  env: Record<string, string>
  workdir: string
  user: string
  readonly last: Record<string, string>
}

/** Puts itself before a command that runs in a root, with /proc and /dev as a container has them. */
function enter({ dir, workdir }: Root, prepare: string, user: string): string[] {
  const mounts = `mount --make-rprivate / && mount --bind ${dir} ${dir} && mount -t proc proc ${dir}/proc && mount --rbind /dev ${dir}/dev`
  const inside = `cd ${workdir} && exec "$@"`
  const change = `exec chroot --userspec=${user} ${dir} /bin/sh -c '${inside}' sh "$@"`
  return ['unshare', '--mount', 'sh', '-c', `${mounts} && ${prepare} && ${change}`, 'sh']
}

/** How this machine reaches registries, which is no part of the image. */
const wayOut = (): Record<string, string> => ({
  NODE_EXTRA_CA_CERTS: CERTIFICATES,
  npm_config_update_notifier: 'false',
})

function run(root: Root, command: string): void {
  const [program = '', ...args] = [...enter(root, 'true', '0:0'), '/bin/sh', '-c', command]
  lend(root.dir)
  try {
    execFileSync(program, args, { env: { ...wayOut(), ...root.env }, stdio: 'inherit' })
  } finally {
    takeBack(root.dir)
  }
}

/** What git knows or would take, and deploy/Dockerfile.dockerignore lets through. */
function makeContext(dir: string): void {
  const allowed = readFileSync(join(projectRoot, 'deploy/Dockerfile.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const list = 'git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@"'
  const copy = `${list} | tar c --null --ignore-failed-read -T - | tar x -C ${dir}`
  mkdirSync(dir)
  execFileSync('sh', ['-c', copy, 'sh', ...allowed], { cwd: projectRoot, stdio: 'inherit' })
}

/** As docker does it: a folder's files go into the target, a file below a name that ends in a slash. */
function copyFiles(from: string, args: readonly string[], root: Root): void {
  const target = args.at(-1) ?? ''
  const absolute = join(root.dir, target.startsWith('/') ? target : join(root.workdir, target))
  for (const name of args.slice(0, -1)) {
    const isFolder = statSync(join(from, name)).isDirectory()
    const isInto = target.endsWith('/') || target === '.' || target === './'
    const place = isInto && !isFolder ? join(absolute, name.split('/').at(-1) ?? '') : absolute
    mkdirSync(dirname(place), { recursive: true })
    cpSync(join(from, name), place, { recursive: true })
  }
}

function follow(one: Instruction, root: Root, context: string, others: Map<string, Root>): void {
  const { word, args } = one
  say(`\n== ${word} ${args}`)
  if (word === 'RUN') run(root, args)
  else if (word === 'ENV') root.env = { ...root.env, ...variablesIn(args) }
  else if (word === 'ARG') root.env = { ...root.env, [args]: BUILD_ARGUMENTS[args] ?? '' }
  else if (word === 'USER') root.user = args
  else if (word === 'WORKDIR') {
    root.workdir = args
    mkdirSync(join(root.dir, args), { recursive: true })
  } else if (word === 'COPY') {
    const [, from, rest = ''] = /^(?:--from=(\w+) )?(.+)$/.exec(args) ?? []
    copyFiles(from ? (others.get(from)?.dir ?? '') : context, rest.split(/\s+/), root)
  } else if (['VOLUME', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT'].includes(word)) {
    root.last[word] = args
  } else throw new Error(`${word} is not understood here`)
}

const listIn = (args = ''): string[] => JSON.parse(args.slice(args.indexOf('[')))

/** Runs it with a read-only root, /tmp and the volume of its own, as its user and as another one. */
async function serves(root: Root, user: string): Promise<void> {
  const volume = join(root.dir, root.last.VOLUME ?? '')
  const prepare =
    `mount -t tmpfs -o mode=1777,size=64m tmpfs ${root.dir}/tmp && ` +
    `mount -t tmpfs -o mode=1777,size=64m tmpfs ${volume} && mount -o remount,bind,ro ${root.dir}`
  const env = { ...root.env, PORT, HOST: '127.0.0.1', DHT: 'off', ARCHIVE_ORG: 'off' }
  const [program = '', ...args] = [...enter(root, prepare, user), ...listIn(root.last.ENTRYPOINT)]
  const server = spawn(program, args, { env, stdio: 'inherit' })
  try {
    const [asker = '', ...rest] = [...enter(root, 'true', user), ...listIn(root.last.HEALTHCHECK)]
    for (let tries = 0; ; tries++) {
      const { status } = spawnSync(asker, rest, { env })
      if (status === 0) break
      if (tries > 100 || server.exitCode !== null) throw new Error(`as ${user} it does not serve`)
      await sleep(500)
    }
    const play = await fetch(`http://127.0.0.1:${PORT}/play/movie/tt0000000/0`)
    if (!play.ok) throw new Error(`as ${user} it does not play: ${play.status}`)
    await play.arrayBuffer()
  } finally {
    server.kill('SIGTERM')
    if (server.exitCode === null) await once(server, 'exit')
  }
  if (server.exitCode !== 0) throw new Error(`as ${user} it ended with ${server.exitCode}`)
  say(`as ${user}: serves, plays, is healthy, and ends with 0`)
}

const bytesIn = (dir: string): number =>
  Number.parseInt(execFileSync('du', ['-sb', dir], { encoding: 'utf8' }), 10)

/** Follows a stage, and tells what each instruction added: `layers` in bytes. */
function walk(
  root: Root,
  instructions: readonly Instruction[],
  context: string,
  stages: Map<string, Root>,
): (readonly [string, number])[] {
  let before = bytesIn(root.dir)
  const layers: [string, number][] = [['FROM', before]]
  for (const one of instructions) {
    follow(one, root, context, stages)
    const now = bytesIn(root.dir)
    if (now - before > 4096) layers.push([`${one.word} ${one.args.slice(0, 60)}`, now - before])
    before = now
  }
  return layers
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1).padStart(7)

function tellLayers(layers: readonly (readonly [string, number])[]): void {
  const all = layers.reduce((sum, [, bytes]) => sum + bytes, 0)
  say('\nThe layers, MiB:')
  for (const [name, bytes] of layers) say(`${mib(bytes)}  ${name}`)
  say(`${mib(all)}  all`)
  if (all > MOST_MIB * 2 ** 20) throw new Error(`that is more than ${MOST_MIB} MiB`)
}

async function main(folder: string): Promise<void> {
  const bases: Record<string, string> = {
    'debian:bookworm-slim': join(folder, 'debian'),
    'node:24-bookworm-slim': join(folder, 'node-base'),
  }
  const [debian = '', node = ''] = Object.values(bases)
  makeDebian(debian)
  makeNode(node, debian)
  const context = join(folder, 'context')
  makeContext(context)
  const stages = new Map<string, Root>()
  let root: Root | undefined
  let layers: (readonly [string, number])[] = []
  for (const { name = 'image', image, instructions } of readStages(
    join(projectRoot, 'deploy/Dockerfile'),
  )) {
    const base = bases[image]
    if (base === undefined) throw new Error(`${image} is not known here`)
    const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    const env = { PATH, HOME: '/root' }
    root = { dir: join(folder, name), env, workdir: '/', user: '0:0', last: {} }
    execFileSync('cp', ['-a', base, root.dir])
    layers = walk(root, instructions, context, stages)
    stages.set(name, root)
  }
  if (!root) throw new Error('there is no stage')
  const image = root
  for (const user of [image.user, '54321:54321']) await serves(image, user)
  say(converts((program) => [...enter(image, 'true', image.user), program]))
  tellLayers(layers)
}

if (process.getuid?.() !== 0 || spawnSync('debootstrap', ['--version']).status !== 0) {
  process.stderr.write('Only root can do this, with debootstrap (apt-get install debootstrap).\n')
  process.exitCode = 1
} else {
  const folder = mkdtempSync(join(tmpdir(), 'playlink-image-'))
  try {
    await main(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
