import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { delimiter, dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { projectRoot } from '../../../scripts/run-command.ts'
import { listen } from '../../support/server/listening.ts'
import { environment, logLines } from '../../support/server/playlink.ts'
import { endGroup, exitOf, groupMembers, killGroup } from '../../support/server/processes.ts'
import { ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, sleep, within } from '../../support/wait.ts'

const ID = 'tt9001702'
const SIZE = 12 * MiB
const VIEWERS = 6
/** The film is still on its way, to each viewer, long after the signals. */
const BYTES_A_SECOND = 4_000_000
/** Of two signals within a second the second is the first one's echo. */
const TWICE_IS_TWICE_MS = 1200

interface Npm {
  readonly child: ChildProcess
  /** Of the whole process group, as Ctrl-C and systemd do it; npm hands it on once more. */
  signal(name: NodeJS.Signals): void
  log(): string
  base(): Promise<string>
  /** Kills what is left; anything left is a fault when it should have ended. */
  end(): Promise<void>
}

/** The very `npm start`, in a process group of its own, as a terminal and systemd start it. */
function npmStart(env: Record<string, string>, ...args: string[]): Npm {
  // npm and find-node run on this Node too: an older one cannot load what keeps tests on loopback.
  const PATH = `${dirname(process.execPath)}${delimiter}${env.PATH}`
  const child = spawn('npm', ['start', ...(args.length > 0 ? ['--', ...args] : [])], {
    cwd: projectRoot,
    env: { ...env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const group = child.pid ?? 0
  const parts: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(part))
  const log = () => Buffer.concat(parts).toString()
  const port = () => logLines(log()).find(({ msg }) => msg === 'listening')?.port
  return {
    child,
    log,
    signal: (name) => killGroup(group, name),
    base: async () => `http://127.0.0.1:${await eventually('npm start serves', port, 20_000, log)}`,
    end: () => endGroup(group, 'npm start', 8000),
  }
}

describe('npm start', () => {
  let stage: Stage<'film'>
  beforeAll(async () => {
    stage = await openStage({
      torrents: { film: { name: 'film.mkv', size: SIZE, pieceLength: 256 * KiB } },
      titles: ({ magnet }) => [movie(ID, 'Film', { magnet: magnet('film') })],
    })
    await stage.seeder.rate(BYTES_A_SECOND)
  })
  afterAll(() => stage.end())

  let count = 0
  const env = (more = {}) => ({
    ...environment(`${stage.folder}/npm-${count++}`, { CATALOGUE: stage.catalogue }),
    ...{ SHUTDOWN_GRACE: '20', ...more },
  })

  async function watched(npm: Npm): Promise<{ stream: Stream; begun: Buffer }[]> {
    const url = (await npm.base()) + playMovie(ID)
    const viewers = Array.from({ length: VIEWERS }, async () => {
      const stream = await begin(url)
      return { stream, begun: await stream.read(64 * KiB) }
    })
    return Promise.all(viewers)
  }
  const isWhole = (body: Buffer) => sha256(body) === sha256(stage.torrents.film.content)
  /** How many got the film to its last byte. */
  async function whole(viewers: readonly { stream: Stream; begun: Buffer }[]): Promise<number> {
    const bodies = viewers.map(async ({ stream, begun }) =>
      Buffer.concat([begun, (await stream.rest()).body]),
    )
    return (await Promise.all(bodies)).filter(isWhole).length
  }

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s to the whole group: every viewer sees the end, exit 0, nobody stays',
    async (name) => {
      const npm = npmStart(env())
      const viewers = await watched(npm)
      npm.signal(name)
      expect(await whole(viewers)).toBe(VIEWERS)
      expect(await within('the exit', 60_000, exitOf(npm.child))).toBe(0)
      await npm.end()
      const told = logLines(npm.log()).filter(({ msg }) => msg === 'stopping' || msg === 'stopped')
      expect(told.map(({ msg, signal }) => [msg, signal])).toEqual([
        ['stopping', name],
        ['stopped', undefined],
      ])
    },
  )

  test('npm is killed before: the viewers see the end all the same', async () => {
    const npm = npmStart(env())
    const viewers = await watched(npm)
    npm.child.kill('SIGKILL')
    await exitOf(npm.child)
    npm.signal('SIGTERM')
    expect(await whole(viewers)).toBe(VIEWERS)
    await eventually('its last word', () => npm.log().includes('"msg":"stopped"'), 30_000, npm.log)
    await npm.end()
  })

  test('a second one, a while after the first, ends it now', async () => {
    const npm = npmStart(env())
    const viewers = await watched(npm)
    npm.signal('SIGINT')
    await sleep(TWICE_IS_TWICE_MS)
    npm.signal('SIGINT')
    expect(await within('the exit', 60_000, exitOf(npm.child))).not.toBe(0)
    expect(await whole(viewers)).toBe(0)
    await npm.end()
  })

  test('--port, in place of PORT', async () => {
    const other = createServer()
    const port = await listen(other)
    await new Promise((resolve) => other.close(resolve))
    const npm = npmStart(env({ PORT: '1' }), '--port', String(port))
    expect(await npm.base()).toBe(`http://127.0.0.1:${port}`)
    expect((await ask(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    npm.signal('SIGTERM')
    expect(await within('the exit', 60_000, exitOf(npm.child))).toBe(0)
    await npm.end()
  })

  test.each([
    [['--version'], 0, /^\d+\.\d+\.\d+$/m],
    [['--help'], 0, /npm start -- --port 8000/],
    [['--prot', '8000'], 64, /^playlink: Unknown option '--prot'\./m],
    [['--port', 'x'], 78, /^playlink: PORT must be a whole number from 0 to 65535, not "x"\./m],
  ])('%j: exit %d, and no server', async (args, code, said) => {
    const npm = npmStart(env(), ...args)
    expect(await within('the exit', 60_000, exitOf(npm.child))).toBe(code)
    await eventually('the output', () => said.test(npm.log()), 60_000, npm.log)
    expect(npm.log()).not.toContain('listening')
    await npm.end()
    expect(groupMembers(npm.child.pid ?? 0)).toEqual([])
  })
})
