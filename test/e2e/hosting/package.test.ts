import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { projectRoot } from '../../../scripts/run-command.ts'
import { startCommand } from '../../../scripts/start-command.ts'
import { type Installed, installPackage } from '../../support/server/installed.ts'
import { environment, type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'

let folder: string
let installed: Installed
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-package-'))
  installed = installPackage(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** As a shell runs the linked program; NODE_OPTIONS stays with the tests' own. */
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [installed.program, ...args], {
    cwd: installed.folder,
    env: environment(installed.folder, {}),
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('the archive holds the program and what it reads, and nothing to develop with', () => {
  const { files } = installed
  for (const name of [
    ...['bin/playlink.mjs', 'main.js', 'manifest.json', 'package.json', 'README.md', 'LICENSE'],
    ...['torrent/engine/engine.js', 'sources/names/name-worker.js', 'cli/cache.js'],
    ...['vendor/better-sqlite3/prebuilds/linux-arm64.node', 'THIRD-PARTY'],
  ]) {
    expect(files).toContain(name)
  }
  expect(files.filter((name) => /\.ts$|(^|\/)(test|node_modules|bench)\//.test(name))).toEqual([])
})

test('every file that is read beside the code in a clone is in the package too', () => {
  const rooms = ['catalogue', 'server', 'sources', 'player', 'addon', 'torrent', 'common', 'cache']
  const read = rooms.flatMap((room) =>
    readdirSync(join(projectRoot, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
      .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name))),
  )
  expect(read.length).toBeGreaterThan(20)
  expect(read.filter((name) => !installed.files.includes(name))).toEqual([])
})

test('an install fetches little, compiles nothing and runs no script', () => {
  const facts = JSON.parse(readFileSync(join(installed.home, 'package.json'), 'utf8'))
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(projectRoot, 'package.json'), 'utf8'),
  )
  expect(facts.scripts).toBeUndefined()
  expect(facts.dependencies).toBeUndefined()
  expect(facts.optionalDependencies).toEqual(optionalDependencies)
  expect(facts.private).toBe(true)
})

test('the licences of what is bundled go along', () => {
  const text = readFileSync(join(installed.home, 'THIRD-PARTY'), 'utf8')
  for (const name of ['express', 'webtorrent', 'zod', 'pino', 'ioredis']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'))
  }
})

describe('the command', () => {
  test('--version and --help', () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
    expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
    const { status, stdout } = run('--help')
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^playlink --port 8000 {2}/m)])
    expect(stdout).not.toContain('npm')
  })

  test('an unknown option is refused with 64', () => {
    expect(run('--prot', '1')).toEqual({
      status: 64,
      stdout: '',
      stderr: `playlink: Unknown option '--prot'. "playlink --help" tells what there is.\n`,
    })
    expect(run('cache', 'list')).toMatchObject({ status: 64 })
  })

  test('the commands have their words', () => {
    expect(run('cache', '--help').stdout).toContain('playlink cache verify --remove')
    expect(run('token', '--help').stdout).toContain('playlink token add NAME')
    expect(run('explain', '--help').stdout).toContain('playlink explain "RELEASE NAME"')
    expect(
      run('explain', 'A.Film.1999.1080p', '--title', 'A Film', '--year', '1999'),
    ).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1080p'),
    })
    expect(run('token', 'list')).toMatchObject({ status: 78 })
    expect(run('doctor', '--help').stdout).toContain('playlink doctor --json')
    expect(run('doctor')).toMatchObject({ stdout: expect.stringMatching(/^ok +node +Node/) })
  })

  test('Node gets the flags of the start script', () => {
    const program = readFileSync(installed.program, 'utf8')
    const [, flags = ''] = /SERVER_FLAGS = \[(.*?)\]/s.exec(program) ?? []
    const named = [...flags.matchAll(/'([^']+)'/g)].map(([, flag]) => flag)
    expect(named).toEqual(startCommand().args.slice(0, -1))
  })

  test('a Node that is too old is told in one sentence', () => {
    const choice = join(installed.home, 'bin/node-choice.mjs')
    const code = `import(${JSON.stringify(choice)}).then((c) => console.log(
      ['18.20.8', '22.17.9', '22.18.0', '24.0.0', '100.0.0'].map(c.isEnough).join()))`
    const said = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8', env: {} })
    expect(said).toBe('false,false,true,true,true\n')
  })
})

describe('the server', () => {
  let server: Playlink
  beforeAll(async () => {
    const args = [installed.program, '--port', '0']
    const cwd = installed.folder
    server = await startPlaylink(join(folder, 'home'), { PORT: '1' }, { args, cwd })
  })
  afterAll(() => server.kill())

  test('is one process and its engine: the program has become it', async () => {
    expect(await server.enginePid()).toBeGreaterThan(0)
    const words = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8').split('\0')
    expect(words).toContain(join(installed.home, 'main.js'))
    expect(readFileSync(`/proc/${server.pid}/maps`, 'utf8')).not.toMatch(/typescript|amaro/)
  })

  test('serves: health, manifest, pages and their parts', async () => {
    for (const [path, type] of [
      ['/health', 'json'],
      ['/ready', 'json'],
      ['/manifest.json', 'json'],
      ['/', 'html'],
      ['/configure', 'html'],
      ['/test-source-selection', 'html'],
      ['/assets/logo.png', 'png'],
      ['/assets/live.js', 'javascript'],
      ['/assets/page.css', 'css'],
      ['/clips/no-peers.mp4', 'mp4'],
      ['/metrics', 'text/plain'],
    ] as const) {
      const { status, headers } = await ask(server.base + path)
      expect([path, status, headers['content-type']]).toEqual([
        path,
        200,
        expect.stringContaining(type),
      ])
    }
  })

  test('lists a shipped title, its names read in the worker, and plays the shipped film', async () => {
    const { status, body } = await ask(`${server.base}/stream/movie/tt1254207.json`)
    expect(status).toBe(200)
    const { streams } = JSON.parse(body.toString())
    expect(streams.length).toBeGreaterThan(0)
    const film = await ask(`${server.base}/play/movie/tt0000000/0`)
    expect([film.status, film.headers['content-type']]).toEqual([200, 'video/mp4'])
    const shipped = join(projectRoot, 'catalogue/playlink-test-film.mp4')
    expect(film.body.equals(readFileSync(shipped))).toBe(true)
    expect(server.log()).not.toMatch(/"level":(50|60)/)
  })

  test('bin/health.mjs, which an image asks, sees it', () => {
    const health = (env: Record<string, string>): number | null =>
      spawnSync(process.execPath, [join(installed.home, 'bin/health.mjs')], { env }).status
    expect(health({ PORT: String(server.port) })).toBe(0)
    expect(health({ PORT: String(server.port), HOST: '0.0.0.0' })).toBe(0)
  })

  test('SIGTERM ends it with 0', async () => {
    await server.stop()
    expect(await server.exited()).toBe(0)
    expect(server.log()).toContain('"msg":"stopped"')
  })
})
