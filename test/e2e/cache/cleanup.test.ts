import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, settled } from '../../support/facts.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [READ, IDLE, COLD] = ['tt9000801', 'tt9000802', 'tt9000803'] as const
const LONG = 24 * MiB

interface Cleaned {
  readonly removedFiles: number
  readonly freedBytes: number
  readonly keptInUse: number
  readonly before: { readonly usedBytes: number }
  readonly after: { readonly usedBytes: number }
}

describe('forceCleanup', () => {
  let stage: Stage<'read' | 'idle' | 'cold'>
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        read: { name: 'Read.2001.mkv', size: LONG, pieceLength: 256 * KiB },
        idle: { name: 'Idle.2001.mkv', size: 700_000 },
        cold: { name: 'Cold.2001.mkv', size: 4 * MiB },
      },
      titles: ({ magnet }) => [
        movie(READ, 'Read', { magnet: magnet('read') }),
        movie(IDLE, 'Idle', { magnet: magnet('idle') }),
        movie(COLD, 'Cold', { magnet: magnet('cold') }),
      ],
    })
  })
  afterAll(() => stage.end())

  const play = (id: string): ReturnType<typeof ask> => ask(stage.server.base + playMovie(id))
  async function clean(): Promise<Cleaned> {
    const answer = await ask(`${stage.server.base}/api/cache-config`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"forceCleanup":true}',
    })
    expect(answer.status).toBe(200)
    return answer.json() as Cleaned
  }

  test('frees what nobody uses, and cuts no stream: neither from disk nor from the swarm', async () => {
    await play(READ)
    await play(IDLE)
    await settled(stage.server.base)
    await stage.seeder.rate(2_000_000)
    const fromDisk = await begin(stage.server.base + playMovie(READ))
    const begun = await fromDisk.read(64 * KiB)
    const fromSwarm = await begin(stage.server.base + playMovie(COLD))
    const arrived = await fromSwarm.read(64 * KiB)

    const cleaned = await clean()
    expect(cleaned.removedFiles).toBe(1)
    expect(cleaned.freedBytes).toBe(700_000)
    expect(cleaned.keptInUse).toBe(2)
    // the cold one grew meanwhile, so only this much is sure
    expect(cleaned.before.usedBytes).toBeGreaterThan(LONG + 700_000)
    expect(cleaned.after.usedBytes).toBeGreaterThanOrEqual(LONG)

    const disk = await fromDisk.rest()
    expect(sha256(Buffer.concat([begun, disk.body]))).toBe(sha256(stage.torrents.read.content))
    const swarm = await fromSwarm.rest()
    expect(sha256(Buffer.concat([arrived, swarm.body]))).toBe(sha256(stage.torrents.cold.content))
  })

  test('once they are released everything goes, and plays again', async () => {
    await settled(stage.server.base)
    const cleaned = await clean()
    expect(cleaned).toEqual(expect.objectContaining({ removedFiles: 2, keptInUse: 0 }))
    expect(cleaned.after.usedBytes).toBe(0)
    const stats = await cacheStats(stage.server.base)
    expect([stats.files.count, stats.disk.usedBytes]).toEqual([0, 0])
    await stage.seeder.rate(0)
    const again = await play(IDLE)
    expect(sha256(again.body)).toBe(sha256(stage.torrents.idle.content))
  })

  test('an idle part of a film goes too', async () => {
    await settled(stage.server.base)
    await clean()
    await stage.seeder.rate(1_000_000)
    const viewer = await begin(stage.server.base + playMovie(COLD))
    await viewer.read(256 * KiB)
    viewer.leave()
    const { disk } = await settled(stage.server.base)
    expect(disk.usedBytes).toBeGreaterThan(0)
    expect((await clean()).after.usedBytes).toBe(0)
  })
})
