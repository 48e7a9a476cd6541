import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats } from '../../support/facts.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin, leaveAll } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, sleep } from '../../support/wait.ts'

const [GREEDY, HONEST] = ['127.0.0.2', '127.0.0.3'] as const
const ids = (front: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `tt90${front}${String(i).padStart(2, '0')}`)
const [DEAD, LONG, SHORT] = [ids('190', 24), ids('191', 4), ids('192', 10)] as const

type Name = `long${number}` | `short${number}`

describe('places that one address would take from all others', () => {
  let stage: Stage<Name>
  let server: Playlink
  /** The next film that nobody has played: each honest play is a cold one. */
  let next = 0
  beforeAll(async () => {
    const plan = (name: string, size: number) => ({
      name: `${name}.mkv`,
      size,
      pieceLength: 64 * KiB,
    })
    const torrents: Record<string, ReturnType<typeof plan>> = {}
    LONG.forEach((_, i) => {
      torrents[`long${i}`] = plan(`long ${i}`, 48 * MiB)
    })
    SHORT.forEach((_, i) => {
      torrents[`short${i}`] = plan(`short ${i}`, 300_000)
    })
    const dead = DEAD.map((_, i) => buildTorrent(plan(`dead ${i}`, 100_000)))
    stage = await openStage<Name>({
      torrents: torrents as Record<Name, ReturnType<typeof plan>>,
      titles: ({ magnet, trackerUrl }) => [
        ...DEAD.map((id, i) =>
          movie(id, `Dead ${i}`, { magnet: dead[i]?.magnet({ trackers: [trackerUrl] }) ?? '' }),
        ),
        ...LONG.map((id, i) => movie(id, `Long ${i}`, { magnet: magnet(`long${i}`) })),
        ...SHORT.map((id, i) => movie(id, `Short ${i}`, { magnet: magnet(`short${i}`) })),
      ],
      env: { RATE_LIMIT: 'on', LIMIT_COLD_STARTS: '100000', MAX_DOWNLOADS: '4' },
    })
    server = stage.server
    // The long ones last as long as the test.
    await stage.seeder.rate(2_000_000)
  })
  afterEach(async () => {
    leaveAll()
    await eventually(
      'nobody waits',
      async () => (await cacheStats(server.base)).arrivals.waiting === 0,
    )
  })
  afterAll(() => stage.end())

  async function expectHonestPlays(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const at = next++
      const answer = await ask(server.base + playMovie(SHORT[at] ?? ''), { from: HONEST })
      expect([answer.status, answer.complete]).toEqual([200, true])
      expect(sha256(answer.body)).toBe(
        sha256(stage.torrents[`short${at}`]?.content ?? Buffer.alloc(0)),
      )
    }
  }

  /** Asks again as soon as it is refused, until it is told to stop. */
  function keepPlaying(id: string, stop: AbortSignal): Promise<number[]> {
    const statuses: number[] = []
    const again = async (): Promise<number[]> => {
      while (!stop.aborted) {
        const answer = await ask(server.base + playMovie(id), { from: GREEDY }).catch(
          () => undefined,
        )
        if (answer) statuses.push(answer.status)
        await sleep(20)
      }
      return statuses
    }
    return again()
  }

  test.each([
    ['as many dead magnets as are looked up at once', 4],
    ['as many as may wait too', 12],
    ['more than that', 24],
  ])('%s, again and again', async (_, count) => {
    const stop = new AbortController()
    const greedy = DEAD.slice(0, count).map((id) => keepPlaying(id, stop.signal))
    await eventually('every place is taken', async () => {
      const { plays } = await cacheStats(server.base)
      return plays.active > 0 || plays.total >= count
    })
    await expectHonestPlays(2)
    stop.abort()
    leaveAll()
    expect((await Promise.all(greedy)).flat().filter((status) => status === 200)).toEqual([])
  })

  test.each([
    ['take nothing', 0],
    ['take a little now and then', 100],
  ])('as many readers as there are downloads, which %s', async (_, everyMs) => {
    const readers = await Promise.all(
      LONG.map((id) => begin(server.base + playMovie(id), { from: GREEDY, timeout: 120_000 })),
    )
    expect(readers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await cacheStats(server.base)).arrivals.running).toBe(4)
    const timer = setInterval(
      () => {
        for (const reader of readers) void reader.read(1)
      },
      everyMs || 1 << 30,
    )
    await expectHonestPlays(2)
    clearInterval(timer)
    // Half of the places are left to it all the while.
    expect((await cacheStats(server.base)).arrivals.running).toBeGreaterThanOrEqual(2)
  })
})
