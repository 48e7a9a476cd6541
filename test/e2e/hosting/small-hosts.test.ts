import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { projectRoot } from '../../../scripts/run-command.ts'
import { cacheStats } from '../../support/facts.ts'
import { type MemoryGroup, openMemoryGroup } from '../../support/server/memory-group.ts'
import {
  type Launch,
  logLines,
  type Playlink,
  startPlaylink,
} from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { mountVolume, notRun } from '../../support/server/small-volume.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const ID = 'tt9016001'
/** As hosts give them: nobody that the machine knows, and in no group. */
const STRANGER = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups']
/** Everything is read-only but the temporary folder, which is a volume of its own. */
const READ_ONLY = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount --make-rprivate / && mount -t tmpfs -o size=300m,mode=1777 tmpfs "$TMPDIR" && ' +
    'mount -o remount,bind,ro / && exec "$@"',
  'sh',
]

let stage: Stage<'film'>
let server: Playlink | undefined
let group: MemoryGroup | undefined
beforeAll(async () => {
  stage = await openStage({
    torrents: { film: { name: 'film.mkv', size: 24 * MiB } },
    titles: ({ magnet }) => [movie(ID, 'Film', { magnet: magnet('film') })],
  })
  await chmod(stage.folder, 0o755)
})
afterAll(() => stage.end())
afterEach(async () => {
  await server?.stop()
  server = undefined
  await group?.end()
  group = undefined
})

let count = 0
/** A temporary folder for everybody. */
async function tempFolder(): Promise<string> {
  const dir = join(stage.folder, `temp-${++count}`)
  await mkdir(dir)
  await chmod(dir, 0o1777)
  return dir
}

/** Why a command cannot be entered here; undefined: it can. */
function whyNot(enter: readonly string[], TMPDIR: string): string | undefined {
  const [program = '', ...args] = enter
  const main = join(projectRoot, 'main.ts')
  const { status, stderr } = spawnSync(program, [...args, 'test', '-r', main], {
    env: { ...process.env, TMPDIR },
    encoding: 'utf8',
  })
  return status === 0 ? undefined : stderr || `permission denied for ${main}`
}

const start = async (env: Record<string, string>, how?: Launch): Promise<Playlink> => {
  const home = join(stage.folder, `home-${++count}`)
  return startPlaylink(home, { CATALOGUE: stage.catalogue, ...env }, how)
}

async function playsExactly({ base }: Playlink): Promise<void> {
  const { status, body, complete } = await ask(base + playMovie(ID))
  expect([status, complete, sha256(body)]).toEqual([200, true, sha256(stage.torrents.film.content)])
}

const cacheDirOf = (one: Playlink): unknown =>
  logLines(one.log()).find(({ msg }) => msg === 'listening')?.cacheDir

describe('without CACHE_DIR the temporary folder is taken', () => {
  test.each(['/', '/root', '/nonexistent', ''])('a random user, HOME=%j', async (HOME) => {
    const TMPDIR = await tempFolder()
    const why = whyNot(STRANGER, TMPDIR)
    if (why) return notRun('a random user', why)
    server = await start({ CACHE_DIR: '', HOME, TMPDIR }, { enter: STRANGER })
    expect(cacheDirOf(server)).toBe(join(TMPDIR, 'playlink'))
    await playsExactly(server)
  })

  test('a read-only root, as root', async () => {
    const TMPDIR = await tempFolder()
    const why = whyNot(READ_ONLY, TMPDIR)
    if (why) return notRun('a read-only root', why)
    server = await start({ CACHE_DIR: '', HOME: '/root', TMPDIR }, { enter: READ_ONLY })
    expect(cacheDirOf(server)).toBe(join(TMPDIR, 'playlink'))
    await playsExactly(server)
  })

  test('a read-only root and a random user, as containers are run', async () => {
    const TMPDIR = await tempFolder()
    const enter = [...READ_ONLY, ...STRANGER]
    const why = whyNot(enter, TMPDIR)
    if (why) return notRun('a read-only root and a random user', why)
    server = await start({ CACHE_DIR: '', HOME: '/', TMPDIR, PORT: '0' }, { enter })
    expect((await ask(`${server.base}/ready`)).status).toBe(200)
    await playsExactly(server)
    expect(logLines(server.log()).filter(({ level }) => level >= 50)).toEqual([])
  })
})

describe('a small volume', () => {
  test('of 64 MB keeps films: an eighth of it stays free', async () => {
    const volume = await mountVolume(join(stage.folder, `volume-${++count}`), 'size=64000k')
    if (typeof volume === 'string') return notRun('a volume of 64 MB', volume)
    try {
      server = await start({ CACHE_DIR: volume.dir })
      await playsExactly(server)
      const { disk } = await cacheStats(server.base)
      expect(disk.maxBytes).toBeGreaterThan(50e6)
      expect(disk.maxBytes).toBeLessThanOrEqual((64_000 * 1024 * 7) / 8)
      expect((await ask(`${server.base}/ready`)).status).toBe(200)
      await server.stop()
    } finally {
      await volume.end()
    }
  })

  test('of 8 MB has room for no film, and /ready says so', async () => {
    const volume = await mountVolume(join(stage.folder, `volume-${++count}`), 'size=8m')
    if (typeof volume === 'string') return notRun('a volume of 8 MB', volume)
    try {
      server = await start({ CACHE_DIR: volume.dir })
      const ready = await ask(`${server.base}/ready`)
      expect([ready.status, JSON.parse(ready.body.toString())]).toEqual([
        503,
        expect.objectContaining({ status: 'no-room' }),
      ])
      expect((await ask(`${server.base}/health`)).status).toBe(200)
      await server.stop()
    } finally {
      await volume.end()
    }
  })
})

test('512 MB of memory: heap and engine are bounded by it, and twenty viewers end nothing', async () => {
  const made = openMemoryGroup(512e6)
  if (typeof made === 'string') {
    process.stdout.write(`NOT RUN, for no control group can be made here: 512 MB (${made})\n`)
    return
  }
  group = made
  const args = [join(projectRoot, 'bin/playlink.mjs')]
  server = await start({}, { args, enter: group.enter })
  const flag = (pid: number): number =>
    Number(
      /--max-old-space-size=(\d+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? 0,
    )
  expect(flag(server.pid)).toBe(171)
  expect(flag(await server.enginePid())).toBe(98)
  await Promise.all(Array.from({ length: 20 }, () => playsExactly(server as Playlink)))
  expect(group.killed()).toBe(0)
  expect(group.peak()).toBeLessThan(512e6)
})
