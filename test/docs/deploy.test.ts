import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { variables } from '../../config/variables.ts'
import { audioPlan, conversionArguments } from '../../media/ffmpeg/audio-plan.ts'
import { readDockerfile } from '../../scripts/image/dockerfile.ts'
import { ENTRIES } from '../../scripts/package/entries.ts'
import { composeFile } from './compose-file.ts'
import { filesOf, read, root } from './project-files.ts'

const isSetting = (name: string): boolean => Object.hasOwn(variables, name)
/** Read by Node. */
const OTHERS = ['NODE_ENV', 'NODE_COMPILE_CACHE']

describe.each([
  ['deploy/compose.caddy.yaml', 'playlink'],
  ['deploy/compose.vpn.yaml', 'playlink'],
  ['deploy/cluster/compose.yaml', 'node1'],
  ['deploy/cluster/compose.yaml', 'node3'],
])('%s, service %s', (file, name) => {
  const { services, volumes } = composeFile(file)
  const all = Object.values(services)
  const own = services[name]
  const beside = (place: string): URL => new URL(place, new URL(file, root))

  test('names what there is', () => {
    for (const { build, depends_on, network_mode, volumes: mounts = [] } of all) {
      if (build) expect(existsSync(beside(`${build.context}/${build.dockerfile}`))).toBe(true)
      const others = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on ?? {})
      for (const name of [...others, ...(network_mode ? [network_mode.slice(8)] : [])]) {
        expect(Object.keys(services)).toContain(name)
      }
      for (const [from = ''] of mounts.map((mount) => mount.split(':'))) {
        const isThere = from.startsWith('./')
          ? existsSync(beside(from))
          : Object.hasOwn(volumes, from)
        expect([from, isThere]).toEqual([from, true])
      }
    }
  })

  test('sets settings, with values that are taken', () => {
    const set = Object.entries(own?.environment ?? {})
    expect(set.length).toBeGreaterThan(4)
    expect(set.map(([name]) => name).filter((name) => !isSetting(name))).toEqual([])
    for (const [name, written] of set) {
      // As compose fills it in: what is to be set by the operator is something that fits.
      const value = written
        .replace(/\$\{PUBLIC_URL:\?[^}]*\}/g, 'https://films.example.org')
        .replace(/\$\{\w+:\?[^}]*\}/g, 'films.with-a-name-that-is-long.example.org')
        .replace(/\$\{\w+:-([^}]*)\}/g, '$1')
      // An interface that is there in the container only: here any will do.
      const here = name === 'TORRENT_BIND' ? 'lo' : value
      const variable = variables[name as keyof typeof variables]
      expect(() => variable.parse(here, '/')).not.toThrow()
    }
  })

  test('viewers get their time before the container is killed', () => {
    const grace = Number(own?.environment?.SHUTDOWN_GRACE)
    expect(Number.parseInt(own?.stop_grace_period ?? '', 10)).toBeGreaterThan(grace + 5)
  })

  test('runs with nothing that it does not need', () => {
    expect(own).toMatchObject({ read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'] })
    expect(own?.security_opt).toContain('no-new-privileges:true')
  })
})

test('the VPN is the only network, and its interface the only way out', () => {
  const { services } = composeFile('deploy/compose.vpn.yaml')
  expect(services.playlink).toMatchObject({ network_mode: 'service:vpn' })
  expect(services.playlink?.ports).toBeUndefined()
  expect(services.playlink?.environment?.TORRENT_BIND).toBe('tun0')
})

describe('deploy/Dockerfile', () => {
  const stages = readDockerfile(read('deploy/Dockerfile'))
  const instructions = stages.flatMap((stage) => stage.instructions)
  const of = (wanted: string): string[] =>
    instructions.flatMap(({ word, args }) => (word === wanted ? [args] : []))

  test('copies what there is', () => {
    const copied = of('COPY').filter((args) => !args.startsWith('--'))
    expect(copied.length).toBeGreaterThan(2)
    for (const args of copied) {
      for (const from of args.split(/\s+/).slice(0, -1)) {
        expect([from, existsSync(new URL(from, root))]).toEqual([from, true])
      }
    }
  })

  test('the image is the package for one machine and three programs; nothing is installed in it', () => {
    const own = stages.at(-1)?.instructions ?? []
    const copied = own.flatMap(({ word, args }) => (word === 'COPY' ? [args] : []))
    const sources = copied.filter((args) => !args.includes('/usr/local/share/doc/'))
    expect(sources.map((args) => args.split(' ').slice(0, 2).join(' '))).toEqual([
      '--from=node /usr/local/bin/node',
      '--from=programs /usr/bin/tini',
      '--from=programs /usr/local/bin/ffmpeg',
      '--from=build /src/dist',
    ])
    expect(own.filter(({ args }) => /\b(apt|apt-get|npm|npx|yarn)\b/.test(args))).toEqual([])
    const build = stages.find(({ name }) => name === 'build')?.instructions ?? []
    const told = build.map(({ word, args }) => `${word} ${args}`)
    expect(told.slice(-2)).toEqual([
      'ARG TARGETARCH',
      'RUN npm run build -- dist linux-$TARGETARCH',
    ])
  })

  test('its ffmpeg can do all that it is asked for', () => {
    const script = read('deploy/image-ffmpeg.sh')
    const enabled = (kind: string): string[] =>
      [...script.matchAll(new RegExp(`--enable-${kind}='?([\\w,*]+)`, 'g'))].flatMap(
        ([, list = '']) => list.split(','),
      )
    const plan = audioPlan(0.5, 1.5)
    // From a packet too early, from one in its middle, and of silence.
    const asked = [0, 1, undefined].map((at) => conversionArguments(plan, at))
    const valuesOf = (option: string): string[] =>
      asked.flatMap((args) => args.filter((_, index) => args[index - 1] === option))
    const sources = valuesOf('-i').filter((one) => one !== 'pipe:0')
    const filters = [...valuesOf('-af').join(',').split(','), ...sources].map((one) =>
      one.replace(/=.*/, ''),
    )
    expect(new Set(filters).size).toBeGreaterThan(5)
    expect(filters.filter((name) => !enabled('filter').includes(name))).toEqual([])
    const formats = [...enabled('demuxer'), ...enabled('muxer'), ...enabled('indev')]
    expect(valuesOf('-f').filter((name) => !formats.includes(name))).toEqual([])
    expect(valuesOf('-c:a').filter((name) => !enabled('encoder').includes(name))).toEqual([])
  })

  test('the context has all that a build reads, and nothing secret', () => {
    const allowed = read('deploy/Dockerfile.dockerignore').trim().split('\n')
    expect(allowed[0]).toBe('**')
    const names = allowed.slice(1).map((line) => line.replace(/^!/, ''))
    for (const name of names) expect([name, existsSync(new URL(name, root))]).toEqual([name, true])
    const rooms = new Set(filesOf('*/**/*.ts').map((file) => file.split('/')[0] ?? ''))
    for (const room of ['bench', 'demo', 'test']) rooms.delete(room)
    expect([...rooms].filter((room) => !names.includes(room))).toEqual([])
    for (const entry of ENTRIES) expect(names).toContain(entry.split('/')[0])
    expect(names.filter((name) => /env|git|node_modules|secret/.test(name))).toEqual([])
  })

  test('sets settings; runs as nobody of importance, under an init, and is asked without curl', () => {
    const set = of('ENV').flatMap((args) =>
      [...args.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name),
    )
    expect(set.filter((name) => !isSetting(name) && !OTHERS.includes(name))).toEqual([])
    expect(of('USER')).toEqual(['1000:1000'])
    expect(of('ENTRYPOINT')[0]).toContain('"/usr/bin/tini", "--", "node"')
    const programs = [...of('ENTRYPOINT'), ...of('HEALTHCHECK')].flatMap(
      (args) => args.match(/\/app\/[\w./-]+/g) ?? [],
    )
    expect(programs.map((path) => path.replace('/app/', '')).sort()).toEqual([
      'bin/health.mjs',
      'bin/playlink.mjs',
    ])
    for (const path of programs) {
      expect(existsSync(new URL(path.replace('/app/', ''), root))).toBe(true)
    }
    expect(read('deploy/Dockerfile')).not.toMatch(/curl|wget/)
  })
})

describe('deploy/playlink.service', () => {
  const unit = read('deploy/playlink.service')
  const values = (name: string): string[] =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)

  test('sets settings, and stops as viewers need it', () => {
    const set = values('Environment').map((line) => line.split('=')[0] ?? '')
    expect(set.filter((name) => !isSetting(name) && !OTHERS.includes(name))).toEqual([])
    expect(values('KillMode')).toEqual(['mixed'])
    const grace = Number(variables.SHUTDOWN_GRACE.defaultText)
    expect(Number(values('TimeoutStopSec')[0])).toBeGreaterThan(grace + 5)
    // Exit codes that cli/start-options.ts and bin/playlink.mjs tell.
    expect(values('RestartPreventExitStatus')).toEqual(['64 69 78'])
  })

  test('is one that systemd reads, and finds hardened', () => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
      process.stdout.write(
        'NOT RUN, for systemd-analyze is not here: the unit as systemd reads it\n',
      )
      return
    }
    const folder = mkdtempSync(join(tmpdir(), 'playlink-unit-'))
    try {
      const file = join(folder, 'playlink.service')
      writeFileSync(file, unit.replace('/usr/local/bin/playlink', process.execPath))
      const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
      expect([verified.status, verified.stderr]).toEqual([0, ''])
      const args = ['security', '--offline=true', '--threshold=20', '--no-pager', file]
      const judged = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
      expect([judged.status, judged.stdout.trimEnd().split('\n').at(-1)]).toEqual([
        0,
        expect.stringMatching(/ 1\.\d OK/),
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('bin/health.mjs', () => {
  const program = new URL('bin/health.mjs', root).pathname
  const exitCode = (env: Record<string, string>): number | null =>
    spawnSync(process.execPath, [program], { env }).status

  test('says 1 where nobody answers', () => {
    expect(exitCode({ PORT: '1' })).toBe(1)
  })
})

test('the workflow runs commands that there are', () => {
  const { jobs } = parse(readFileSync(new URL('.github/workflows/ci.yml', root), 'utf8'))
  const steps: { run?: string; uses?: string }[] = Object.values<{ steps: never[] }>(jobs).flatMap(
    (job) => job.steps,
  )
  const { scripts } = JSON.parse(read('package.json'))
  const run = steps.flatMap(({ run: command }) => command ?? [])
  for (const [, name = ''] of run.join('\n').matchAll(/npm run ([\w:]+)/g)) {
    expect(scripts[name]).toBeDefined()
  }
  expect(run.join('\n')).toContain('.ci/run')
  // Actions by a version, not by a branch.
  for (const { uses } of steps) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/)
})
