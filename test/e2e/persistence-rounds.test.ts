import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { seeded } from '../cache/fixture.ts'
import { cacheStats, published } from '../support/facts.ts'
import { KiB, MiB } from '../support/payload.ts'
import type { Playlink } from '../support/playlink.ts'
import { begin } from '../support/request.ts'
import { playMovie } from '../support/titles.ts'
import { eventually, sleep } from '../support/wait.ts'
import {
  expectExact,
  FILM,
  openPersistenceStage,
  type PersistenceStage,
  PIECE,
} from './persistence-stage.ts'

// A failing run is repeated with SEED (printed by the test's name); ROUNDS=200 for a long one.
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const ROUNDS = Number(process.env.ROUNDS ?? 25)
/** On a slow machine the rounds end here, unless a number of them was asked for. */
const ENOUGH_MS = process.env.ROUNDS ? Number.POSITIVE_INFINITY : 60_000
const SIZE = 12 * MiB
/** Slow enough that the film outlives the rounds. */
const RATE = 500 * KiB
/** Pieces that were under way at one death, and not verified. */
const LOST_A_ROUND = 12 * PIECE

let stage: PersistenceStage
beforeAll(async () => {
  stage = await openPersistenceStage(SIZE)
}, 40_000)
afterAll(() => stage.end(), 30_000)

test(
  `killed up to ${ROUNDS} times in mid-play, the film is whole at last (seed ${SEED})`,
  async () => {
    const random = seeded(SEED)
    const film = stage.torrents.film.content
    await stage.seeder.rate(RATE)
    let kept = 0
    const enough = performance.now() + ENOUGH_MS
    for (let round = 0; round < ROUNDS && performance.now() < enough; round++) {
      const server = await stage.start()
      const bytes = (await expectExact(server, PIECE)).reduce((sum, each) => sum + each.bytes, 0)
      // Nothing that was found after one death is lost by the next; at most a piece that proved wrong.
      expect(bytes).toBeGreaterThanOrEqual(kept - PIECE)
      kept = bytes
      const start = random.below(4) === 0 ? random.below(SIZE) : 0
      const playing = playFrom(server.base, start)
      // The first one lives until something came, so that there is something to lose.
      if (round === 0)
        await eventually('a piece', async () => (await usedBytes(server)) > 0, 20_000)
      else await sleep(random.below(1200))
      await server.kill()
      const got = await playing
      expect([round, got.equals(film.subarray(start, start + got.length))]).toEqual([round, true])
    }
    expect(kept).toBeGreaterThan(0)
    const last = await stage.start()
    await stage.seeder.rate(0)
    await stage.expectWhole(last, 'film')
    await published(last.base, FILM)
    const [whole] = await expectExact(last)
    expect(whole).toMatchObject({ complete: true, bytes: SIZE })
    expect(await stage.uploaded()).toBeLessThanOrEqual(SIZE + ROUNDS * LOST_A_ROUND)
  },
  150_000 + ROUNDS * 4000,
)

const usedBytes = async (server: Playlink): Promise<number> =>
  (await cacheStats(server.base)).disk.usedBytes

/** What came before the server died, from byte `start` on. */
async function playFrom(base: string, start: number): Promise<Buffer> {
  const headers = { Range: `bytes=${start}-` }
  const stream = await begin(base + playMovie(FILM), { headers, timeout: 60_000 }).catch(
    () => undefined,
  )
  return stream ? (await stream.rest()).body : Buffer.alloc(0)
}
