import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { published } from '../support/facts.ts'
import { KiB, MiB, sha256 } from '../support/payload.ts'
import { childrenOf } from '../support/processes.ts'
import { type Answer, ask, begin } from '../support/request.ts'
import { openStage, type Stage } from '../support/stage.ts'
import { movie, playMovie } from '../support/titles.ts'
import { eventually, within } from '../support/wait.ts'
import { withWatch } from '../support/watch.ts'

const [CACHED, COLD, FROZEN] = ['tt9001601', 'tt9001602', 'tt9001603'] as const
const SIZE = 6 * MiB + 1

describe('the engine process dies', () => {
  let stage: Stage<'cached' | 'cold' | 'frozen'>
  const url = (id: string): string => stage.server.base + playMovie(id)
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        cached: { name: 'cached.mkv', size: 24 * MiB, pieceLength: 256 * KiB },
        cold: { name: 'cold.mkv', size: SIZE },
        frozen: { name: 'frozen.mkv', size: SIZE },
      },
      titles: ({ magnet }) => [
        movie(CACHED, 'Cached', { magnet: magnet('cached') }),
        movie(COLD, 'Cold', { magnet: magnet('cold') }),
        movie(FROZEN, 'Frozen', { magnet: magnet('frozen') }),
      ],
    })
    await ask(url(CACHED))
    await published(stage.server.base, CACHED)
  }, 40_000)
  beforeEach(() => stage.seeder.rate(1_000_000))
  afterAll(() => stage.end(), 20_000)

  /** Either all of it, or a connection that was cut: never a short body that looks whole. */
  function endsCleanly(begun: Buffer, rest: Answer, whole: Buffer): void {
    const got = Buffer.concat([begun, rest.body])
    expect(got.equals(whole.subarray(0, got.length))).toBe(true)
    expect(rest.complete).toBe(got.length === whole.length)
  }
  const successor = (former: number): Promise<number> =>
    eventually(
      'another engine',
      () => childrenOf(stage.server.pid).find((pid) => pid !== former),
      13_000,
    )

  test('kill -9 in mid-stream: cut cleanly, cached files go on, the next request plays', async () => {
    const film = stage.torrents.cold.content
    const fromDisk = await begin(url(CACHED))
    const diskBegun = await fromDisk.read(64 * KiB)
    const fromSwarm = await begin(url(COLD))
    const begun = await fromSwarm.read(256 * KiB)
    const engine = await stage.server.enginePid()

    const { outcome, wrong } = await withWatch([`${stage.server.base}/health`], async () => {
      process.kill(engine, 'SIGKILL')
      const cut = await within('the end of the stream', 35_000, fromSwarm.rest())
      const next = await within('an engine again', 6_000, successor(engine))
      return { cut, next }
    })
    expect(wrong).toEqual([])
    expect(outcome.next).not.toBe(engine)
    endsCleanly(begun, outcome.cut, film)

    const disk = await fromDisk.rest()
    const cached = sha256(stage.torrents.cached.content)
    expect(sha256(Buffer.concat([diskBegun, disk.body]))).toBe(cached)
    await stage.seeder.rate(0)
    const again = await ask(url(COLD))
    expect(again.status).toBe(200)
    expect(sha256(again.body)).toBe(sha256(film))
  }, 60_000)

  test('a hang is noticed by its heartbeat and ends the same way', async () => {
    const fromSwarm = await begin(url(FROZEN))
    const begun = await fromSwarm.read(256 * KiB)
    const engine = await stage.server.enginePid()
    const { outcome, wrong } = await withWatch(
      [`${stage.server.base}/health`, url(CACHED)],
      async () => {
        process.kill(engine, 'SIGSTOP')
        const next = await successor(engine)
        return { next, cut: await within('the end of the stream', 35_000, fromSwarm.rest()) }
      },
    )
    expect(wrong).toEqual([])
    endsCleanly(begun, outcome.cut, stage.torrents.frozen.content)
    expect(childrenOf(stage.server.pid)).not.toContain(engine)
    await stage.seeder.rate(0)
    const again = await ask(url(FROZEN))
    expect(sha256(again.body)).toBe(sha256(stage.torrents.frozen.content))
  }, 60_000)
})
