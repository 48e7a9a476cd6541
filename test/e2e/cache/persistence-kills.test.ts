import { afterEach, describe, expect, test } from '@jest/globals'
import { connectedAt } from '../../contracts/redis-index.ts'
import { cacheStats, settled } from '../../support/facts.ts'
import type { Env } from '../../support/server/playlink.ts'
import { startRedis } from '../../support/server/redis.ts'
import { eventually } from '../../support/wait.ts'
import { FILM_BYTES, NAMES, openKillRounds, PIECE } from './kill-rounds.ts'

/** `npm run test:long` sets it to 50. A failing run is repeated with the PLAYLINK_SEED it names. */
const KILLS = Number(process.env.KILLS ?? 4)
/** Blocks on their way at a death, and those of a piece that was not whole: nobody verified them. */
const LOST_A_KILL = 3 * PIECE

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Answers the server that came after all the kills, with every film whole. */
async function outlives(env: Env) {
  const rounds = await openKillRounds(env)
  const { stage, random, check, start, play } = rounds
  ends.push(() => stage.end())
  const { infoHash } = stage.torrents.film
  const report: Record<string, unknown> = { ...env, kills: KILLS, seed: random.seed }
  try {
    for (let kill = 0; kill < KILLS; kill++) await rounds.round()
    const after = await start()
    await check(after)
    const { verified, evictable, engineKills } = rounds
    const sent = await stage.seeder.uploaded(infoHash)
    Object.assign(report, { verified, evictable, engineKills, sent })
    expect(verified + evictable).toBeGreaterThan(0)
    expect(sent).toBeLessThanOrEqual(verified + evictable + (KILLS + engineKills) * LOST_A_KILL)

    await stage.seeder.rate(0, 0)
    for (const name of NAMES) await play(after, name)
    const fetched = (await stage.seeder.uploaded(infoHash)) - sent
    Object.assign(report, { fetched })
    // What was verified before this start is not fetched again.
    expect(fetched).toBeLessThanOrEqual(FILM_BYTES - verified + PIECE)
    await settled(after.base)
    await after.stop()

    await stage.seeder.pause()
    const last = await start()
    await check(last)
    for (const name of NAMES) await play(last, name)
    const { files, status, plays, node, disk } = await cacheStats(last.base)
    expect({ count: files.count, status, hits: plays.hits }).toEqual({
      ...{ count: NAMES.length, status: 'ok', hits: NAMES.length },
    })
    return { node, files: files.count, bytes: disk.usedBytes }
  } finally {
    process.stdout.write(`${JSON.stringify(report)}\n`)
  }
}

describe(`killed ${KILLS} times at random moments: what was verified is there`, () => {
  const ms = 120_000 + KILLS * 15_000

  test.each(['memory', 'sqlite'])(
    '%s',
    async (backend) => {
      await outlives({ CACHE_BACKEND: backend })
    },
    ms,
  )

  test(
    'redis: and its books know it',
    async () => {
      const redis = await startRedis()
      ends.push(() => redis.end())
      const { node, ...held } = await outlives({ CACHE_BACKEND: 'redis', REDIS_URL: redis.url })
      const index = await connectedAt(redis.url)
      ends.push(() => index.close())
      await eventually(
        'the index knows what the node holds',
        async () => JSON.stringify(await index.totals(node)) === JSON.stringify(held),
      )
    },
    ms,
  )
})
