import { readdir, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { environment, launch, type Playlink } from '../../support/server/playlink.ts'
import { exitOf } from '../../support/server/processes.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, within } from '../../support/wait.ts'
import { expectExact } from './persistence-stage.ts'

const IDS = { film: 'tt9003301', other: 'tt9003302' } as const
type Name = keyof typeof IDS

let stage: Stage<Name>
beforeAll(async () => {
  stage = await openStage<Name>({
    torrents: {
      film: { name: 'film.mkv', size: MiB },
      other: { name: 'other.mkv', size: 2 * MiB, pieceLength: 64 * KiB },
    },
    titles: ({ magnet }) => [
      movie(IDS.film, 'Film', { magnet: magnet('film') }),
      movie(IDS.other, 'Other', { magnet: magnet('other') }),
    ],
    env: { CACHE_PERSISTENT: 'true' },
  })
})
beforeEach(() => stage.seeder.rate(0))
afterAll(() => stage.end())

async function plays({ base }: Playlink, name: Name): Promise<void> {
  const { status, body } = await ask(base + playMovie(IDS[name]))
  expect([name, status, sha256(body)]).toEqual([name, 200, sha256(stage.torrents[name].content)])
}

test('a second process on the folder: one line that names the first, exit 78', async () => {
  const { cacheDir, pid } = stage.server
  await plays(stage.server, 'film')
  const { child, log } = launch(environment(stage.folder, { CACHE_DIR: cacheDir, PORT: '0' }))
  expect(await within('the end', 60_000, exitOf(child))).toBe(78)
  expect(log().trim().split('\n')).toEqual([
    expect.stringContaining(`in use by another Playlink (process ${pid})`),
  ])
  await plays(stage.server, 'film')
})

/** Whether the server has a file open that is not in its cache folder any more. */
async function opensRemoved({ pid, cacheDir }: Playlink): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const links = (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => ''))
  const files = await Promise.all(links)
  return files.some((file) => file.startsWith(cacheDir) && file.endsWith(' (deleted)'))
}

test('the folder is removed while it serves: fetched and kept again', async () => {
  const server = await stage.another()
  await plays(server, 'film')
  await published(server.base, IDS.film)
  // The server may write into it meanwhile.
  await rm(server.cacheDir, { recursive: true, maxRetries: 20 })
  await plays(server, 'other')
  await published(server.base, IDS.other)
  // Read to its end from the open file, and for a second after; then it is missed.
  await eventually('the open file closed', async () => !(await opensRemoved(server)))
  await plays(server, 'film')
  await published(server.base, IDS.film)
  await expectExact(server)
  await server.stop()
  await stage.seeder.pause()
  try {
    const next = await stage.another({ CACHE_DIR: server.cacheDir })
    await plays(next, 'other')
  } finally {
    await stage.seeder.resume()
  }
})

/** A clock that jumps at SIGUSR2: an hour on, then back to now, then an hour back. */
const JUMPING = `
  const real = Date.now, jumps = [3600000, 0, -3600000]
  let shift = 0
  Date.now = () => real() + shift
  process.on('SIGUSR2', () => { shift = jumps.shift() ?? shift })`

test('the clock jumps an hour, on and back, in mid-play: nobody is cut, nothing is evicted', async () => {
  const server = await stage.another({
    ...{ CACHE_TTL: '600', CACHE_CLEANUP_INTERVAL: '1', CACHE_BACKEND: 'sqlite' },
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(JUMPING)}`,
  })
  await plays(server, 'film')
  await published(server.base, IDS.film)
  await stage.seeder.rate(400 * KiB)
  const stream = await begin(server.base + playMovie(IDS.other), { timeout: 60_000 })
  const sweepAt = async (): Promise<number> =>
    Date.parse((await cacheStats(server.base)).lastSweep?.at ?? '')
  for (const hours of [1, 0, -1]) {
    server.signal('SIGUSR2')
    const isThere = (at: number): boolean => Math.abs(at - Date.now() - hours * 3_600_000) < 600_000
    await eventually(`a sweep ${hours} hours away`, async () => isThere(await sweepAt()))
  }
  const { files, evictions } = await cacheStats(server.base)
  expect([files.count, evictions.ttl]).toEqual([2, 0])
  await stage.seeder.rate(0)
  const { body, complete } = await stream.rest()
  expect([complete, body.equals(stage.torrents.other.content)]).toEqual([true, true])
  await published(server.base, IDS.other)
  await expectExact(server)
})
