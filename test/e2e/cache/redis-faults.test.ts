import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connectedAt } from '../../contracts/redis-index.ts'
import { cacheStats, published } from '../../support/facts.ts'
import { freePort } from '../../support/free-port.ts'
import { timesAsLong } from '../../support/ratio.ts'
import { logLines, type Playlink } from '../../support/server/playlink.ts'
import { startRedis, startSentinels, type TestRedis } from '../../support/server/redis.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { type SlowWay, startSlowWay } from '../../support/swarm/slow-way.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const CACHED = 'tt9002801'
/** One a fault, so that a cold start meets each. */
const COLD = ['tt9002811', 'tt9002812', 'tt9002813', 'tt9002814', 'tt9002815'] as const
type Name = 'cached' | (typeof COLD)[number]
/** Each answer that waited for Redis would take 20 times as long as one that does not. */
const MUCH = 8

const status = async ({ base }: Playlink): Promise<string> => (await cacheStats(base)).status

async function openFilms(env: Readonly<Record<string, string>>): Promise<Stage<Name>> {
  const torrent = (name: string) => ({ name: `${name}.mkv`, size: MiB + name.length })
  return openStage<Name>({
    env: { CACHE_BACKEND: 'redis', ...env },
    torrents: Object.fromEntries(
      ['cached', ...COLD].map((name) => [name, torrent(name)]),
    ) as Record<Name, ReturnType<typeof torrent>>,
    titles: ({ magnet }) => [
      movie(CACHED, 'Cached', { magnet: magnet('cached') }),
      ...COLD.map((id) => movie(id, id, { magnet: magnet(id) })),
    ],
  })
}

/** A list, and a play from disk. */
async function listAndHit(stage: Stage<Name>, { base }: Playlink): Promise<void> {
  const list = await ask(base + streamsOf(CACHED))
  expect((list.json() as { streams: unknown[] }).streams).toHaveLength(1)
  const hit = await ask(base + playMovie(CACHED))
  expect(sha256(hit.body)).toBe(sha256(stage.torrents.cached.content))
}

/** List, play from disk, play from the swarm. */
async function serves(stage: Stage<Name>, cold: (typeof COLD)[number]): Promise<void> {
  const { base } = stage.server
  await listAndHit(stage, stage.server)
  const miss = await ask(base + playMovie(cold))
  expect(sha256(miss.body)).toBe(sha256(stage.torrents[cold].content))
}

/** Serves although Redis does not: the first to come may wait for it, nobody after. */
async function servesWithout(
  stage: Stage<Name>,
  control: Playlink,
  cold: (typeof COLD)[number],
): Promise<void> {
  await serves(stage, cold)
  const times = await timesAsLong(
    () => listAndHit(stage, stage.server),
    () => listAndHit(stage, control),
  )
  expect([times, times < MUCH]).toEqual([times, true])
}

async function cachesFirst({ base }: Playlink): Promise<void> {
  await ask(base + playMovie(CACHED))
  await published(base, CACHED)
}

/** A server that needs no Redis, to compare with. */
async function withoutRedis(stage: Stage<Name>): Promise<Playlink> {
  const control = await stage.another({ CACHE_BACKEND: 'memory' })
  await cachesFirst(control)
  return control
}

/** Whatever happened, the index ends up knowing what the server's disk holds. */
async function healed(server: Playlink, url: string): Promise<void> {
  await eventually('status ok', async () => (await status(server)) === 'ok')
  const index = await connectedAt(url)
  try {
    let last = ''
    await eventually(
      'the index knows what the server holds',
      async () => {
        const stats = await cacheStats(server.base)
        const { node } = stats as unknown as { node: string }
        const known = await index.totals(node)
        last = JSON.stringify([known, stats.files, stats.disk])
        return known.files === stats.files.count && known.bytes === stats.disk.usedBytes
      },
      15_000,
      () => last,
    )
  } finally {
    await index.close()
  }
}

/** What the backend said; other parts' lines about it would be noise in an outage. */
const said = (server: Playlink): string[] =>
  logLines(server.log()).flatMap(({ msg }) => (msg?.startsWith('Redis') ? [msg] : []))
const noise = (server: Playlink): string[] =>
  logLines(server.log()).flatMap(({ level, msg }) =>
    level >= 40 && /index|sweep/.test(msg ?? '') ? [String(msg)] : [],
  )

describe('a server whose Redis fails', () => {
  let redis: TestRedis
  let way: SlowWay
  let stage: Stage<Name>
  let control: Playlink
  beforeAll(async () => {
    redis = await startRedis()
    way = await startSlowWay(redis.port)
    stage = await openFilms({ REDIS_URL: way.url })
    await cachesFirst(stage.server)
    control = await withoutRedis(stage)
  })
  afterAll(async () => {
    await stage?.end()
    await way?.end()
    await redis?.end()
  })

  async function fault(
    cold: (typeof COLD)[number],
    begin: () => unknown,
    end: () => unknown,
  ): Promise<void> {
    // A busy machine may have put it out of use for a moment before.
    await eventually('in use', async () => (await status(stage.server)) === 'ok')
    const before = said(stage.server).length
    await begin()
    try {
      await servesWithout(stage, control, cold)
      await eventually('degraded', async () => (await status(stage.server)) === 'degraded')
    } finally {
      await end()
    }
    await healed(stage.server, redis.url)
    // One line each time, in turns, however often a busy machine had it out of use besides.
    const lines = said(stage.server)
    expect(lines.length).toBeGreaterThan(before)
    const rounds = Array.from({ length: Math.ceil(lines.length / 2) }, () => [
      'Redis cannot be used: this node goes on alone',
      'Redis can be used again',
    ])
    expect(lines).toEqual(rounds.flat())
    expect(noise(stage.server)).toEqual([])
  }

  test('killed', () =>
    fault(
      COLD[0],
      () => redis.kill(),
      () => redis.restart(),
    ))

  test('frozen', () =>
    fault(
      COLD[1],
      () => redis.signal('SIGSTOP'),
      () => redis.signal('SIGCONT'),
    ))

  test('slow', () =>
    fault(
      COLD[2],
      () => way.delay(200),
      () => way.delay(0),
    ))

  test('full', () =>
    fault(
      COLD[3],
      () => redis.client.config('SET', 'maxmemory', '1'),
      () => redis.client.config('SET', 'maxmemory', '0'),
    ))

  test('emptied', async () => {
    await redis.client.flushall()
    await serves(stage, COLD[4])
    await healed(stage.server, redis.url)
  })
})

test('Redis down at the start: serves, says so, and heals when it comes', async () => {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const stage = await openFilms({ REDIS_URL: url })
  try {
    expect(await status(stage.server)).toBe('degraded')
    await cachesFirst(stage.server)
    await serves(stage, COLD[0])
    const redis = await startRedis([], port)
    try {
      await healed(stage.server, url)
      expect(said(stage.server)).toHaveLength(2)
      expect(noise(stage.server)).toEqual([])
    } finally {
      await redis.end()
    }
  } finally {
    await stage.end()
  }
})

test('failed over: serves meanwhile, and goes on with the new master', async () => {
  const redises = await startSentinels()
  try {
    const stage = await openFilms({ REDIS_URL: redises.url })
    try {
      await cachesFirst(stage.server)
      const control = await withoutRedis(stage)
      await redises.servers[0]?.kill()
      await servesWithout(stage, control, COLD[0])
      // Its status would do, but on a busy machine the new master may be there before it is asked.
      await eventually('the outage in the log', () => said(stage.server).length > 0)
      await healed(stage.server, redises.url)
      expect(said(stage.server)).toHaveLength(2)
    } finally {
      await stage.end()
    }
  } finally {
    await redises.end()
  }
})
