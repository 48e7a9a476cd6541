import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { startBrowser } from '../../support/clients/browser.ts'
import { cacheStats, errorCode, published } from '../../support/facts.ts'
import { environment, launch, logLines, type Playlink } from '../../support/server/playlink.ts'
import { exitOf } from '../../support/server/processes.ts'
import { ask, begin } from '../../support/server/request.ts'
import { mountVolume, notRun, type SmallVolume } from '../../support/server/small-volume.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, within } from '../../support/wait.ts'
import { expectExact } from './persistence-stage.ts'

const IDS = { cached: 'tt9003201', cold: 'tt9003202', third: 'tt9003203' } as const
type Name = keyof typeof IDS
const NAMES = Object.keys(IDS) as Name[]
/** The margin that stays free on a volume is 64 MiB: so many are left for films. */
const SIZE = 'size=80m'

let stage: Stage<Name>
let volume: SmallVolume | string
beforeAll(async () => {
  stage = await openStage<Name>({
    torrents: {
      cached: { name: 'cached.mkv', size: MiB },
      cold: { name: 'cold.mkv', size: 6 * MiB },
      third: { name: 'third.mkv', size: MiB + 1 },
    },
    titles: ({ magnet }) => NAMES.map((name) => movie(IDS[name], name, { magnet: magnet(name) })),
  })
})
afterAll(() => stage.end())

let turn = 0
let server: Playlink | undefined
beforeEach(async () => {
  await stage.seeder.rate(0)
})
afterEach(async () => {
  await server?.stop()
  server = undefined
  if (typeof volume === 'object') await volume.end()
})

/** A server whose cache is a volume of its own, with one film in it; why not, where none can be made. */
async function onVolume(options: string, env = {}): Promise<[SmallVolume, Playlink] | string> {
  volume = await mountVolume(join(stage.folder, `volume-${++turn}`), options)
  if (typeof volume === 'string') return volume
  server = await stage.another({ CACHE_DIR: volume.dir, CACHE_PERSISTENT: 'true', ...env })
  await plays(server, 'cached')
  await published(server.base, IDS.cached)
  return [volume, server]
}

async function plays({ base }: Playlink, name: Name): Promise<void> {
  const answer = await ask(base + playMovie(IDS[name]))
  expect([name, answer.status, answer.complete]).toEqual([name, 200, true])
  expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
}

/** The file that is here plays, what would be written is refused in words, nothing has died. */
async function refusesOnly(on: Playlink, name: Name): Promise<void> {
  await plays(on, 'cached')
  const refused = await ask(on.base + playMovie(IDS[name]))
  expect([refused.status, errorCode(refused.body)]).toEqual([507, 'DOES_NOT_FIT'])
  expect((await ask(`${on.base}/health`)).status).toBe(200)
}

test.each(['memory', 'sqlite'])('no room left in mid-download (%s)', async (CACHE_BACKEND) => {
  const got = await onVolume(SIZE, { CACHE_BACKEND })
  if (typeof got === 'string') return notRun('ENOSPC', got)
  const [small, on] = got
  await stage.seeder.rate(MiB)
  const stream = await begin(on.base + playMovie(IDS.cold), { timeout: 60_000 })
  await stream.read(MiB)
  // So that the rest is on its way when the room is gone, on however slow a machine.
  await stage.seeder.rate(1)
  const free = await small.fill()
  await stage.seeder.rate(0)
  // That download fails, and its viewer does not take half a film for a whole one.
  const cut = await stream.rest()
  expect([cut.status, cut.complete]).toEqual([200, false])
  await refusesOnly(on, 'third')
  // The index lies on the same volume.
  if (CACHE_BACKEND === 'sqlite') {
    await eventually('degraded', async () => (await cacheStats(on.base)).status === 'degraded')
  }
  await free()
  await stage.seeder.rate(0)
  await plays(on, 'cold')
  await published(on.base, IDS.cold)
  await eventually('ok', async () => (await cacheStats(on.base)).status === 'ok')
  // One line when it begins and one when it ends, each time: what the failed download gives back may be
  // enough for a while. Memory has nothing to say.
  const said = logLines(on.log()).flatMap(({ msg = '' }) =>
    msg.includes('sqlite index') ? [msg.includes('cannot') ? 'begins' : 'ends'] : [],
  )
  const times = CACHE_BACKEND === 'sqlite' ? Math.max(1, said.length / 2) : 0
  expect(said).toEqual(Array.from({ length: times }, () => ['begins', 'ends']).flat())
  await expectExact(on)
})

test('no names (inodes) left', async () => {
  const got = await onVolume(`${SIZE},nr_inodes=60`)
  if (typeof got === 'string') return notRun('inodes', got)
  const [small, on] = got
  const free = await small.fillNames()
  await refusesOnly(on, 'third')
  await free()
  await plays(on, 'third')
  await published(on.base, IDS.third)
  await expectExact(on)
})

test('read-only while serving: what is here plays, and it heals', async () => {
  const got = await onVolume(SIZE)
  if (typeof got === 'string') return notRun('read-only', got)
  const [small, on] = got
  await small.remount('ro')
  await plays(on, 'cached')
  const refused = await ask(on.base + playMovie(IDS.third))
  expect([refused.status, errorCode(refused.body)]).toEqual([507, 'DOES_NOT_FIT'])
  await small.remount('rw')
  await plays(on, 'third')
  await published(on.base, IDS.third)
  await expectExact(on)
})

test.each(['full', 'read-only'])(
  '%s while it stops: it ends in order, and what was here is here',
  async (how) => {
    const got = await onVolume(SIZE)
    if (typeof got === 'string') return notRun(`${how} at the stop`, got)
    const [small, on] = got
    const free = how === 'full' ? await small.fill() : undefined
    if (how === 'read-only') await small.remount('ro')
    on.signal('SIGTERM')
    expect(await within('the end', 60_000, on.exited())).toBe(0)
    await free?.()
    if (how === 'read-only') await small.remount('rw')
    server = await stage.another({ CACHE_DIR: small.dir, CACHE_PERSISTENT: 'true' })
    await plays(server, 'cached')
    expect((await cacheStats(server.base)).plays.hits).toBe(1)
    await expectExact(server)
  },
)

test('read-only at the start: one line and exit 78', async () => {
  volume = await mountVolume(join(stage.folder, `volume-${++turn}`), SIZE)
  if (typeof volume === 'string') return notRun('read-only at the start', volume)
  await volume.remount('ro')
  const { child, log } = launch(environment(stage.folder, { CACHE_DIR: volume.dir }))
  expect(await within('the end', 60_000, exitOf(child))).toBe(78)
  expect(log().match(/CACHE_DIR .* it is on a read-only file system/g)).toHaveLength(1)
})

test('less room than CACHE_MAX_DISK_MB: said in the log, in the numbers and on the page', async () => {
  const got = await onVolume(SIZE, { CACHE_MAX_DISK_MB: '1000', CACHE_CLEANUP_INTERVAL: '1' })
  if (typeof got === 'string') return notRun('a volume that is smaller than the limit', got)
  const [, on] = got
  const { disk } = await cacheStats(on.base)
  expect(disk.configuredBytes).toBe(1e9)
  // Of its 80 MiB an eighth is left to others.
  expect(disk.maxBytes).toBeLessThanOrEqual(70 * MiB)
  expect(disk.maxBytes).toBeGreaterThan(60 * MiB)
  // Once, however many sweeps there are.
  const said = logLines(on.log()).filter(({ msg }) => msg?.includes('CACHE_MAX_DISK_MB'))
  expect(said).toHaveLength(1)
  const browser = await startBrowser()
  try {
    const { page } = await browser.open(`${on.base}/test-source-selection`)
    await eventually('a word about it on the page', async () =>
      /less room than/.test((await page.textContent('#disk-note')) ?? ''),
    )
  } finally {
    await browser.close()
  }
})
