import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const ids = { slow: 'tt9006301', lone: 'tt9006302' } as const
const SLOW_BYTES_A_SECOND = 8000
const addresses = Array.from({ length: 20 }, (_, i) => `127.0.0.${11 + i}`)

describe('seeders of libtorrent', () => {
  let stage: Stage<keyof typeof ids>
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        slow: { name: 'slow.mkv', size: 600_000 },
        lone: { name: 'lone.mkv', size: 800_000 },
      },
      seeders: addresses,
      titles: ({ magnet }) => [
        movie(ids.slow, 'Slow', { magnet: magnet('slow') }),
        movie(ids.lone, 'Lone', { magnet: magnet('lone') }),
      ],
    })
  })
  afterAll(() => stage.end())

  const limit = async (bytes: number): Promise<void> => {
    for (let i = 0; i < addresses.length; i++) await stage.seeder.rate(bytes, i)
  }

  test('twenty that send 8 KB a second each: the film plays, and next to nobody is dropped', async () => {
    await limit(SLOW_BYTES_A_SECOND)
    const server = await stage.another({ LOG_LEVEL: 'debug' })
    const answer = await ask(server.base + playMovie(ids.slow))
    expect([answer.status, sha256(answer.body)]).toEqual([200, sha256(stage.torrents.slow.content)])
    await limit(0)
    // A busy machine holds some of them up for longer than a peer may be silent.
    expect(server.log().split('peer dropped').length - 1).toBeLessThan(addresses.length / 4)
  })

  test('one that super-seeds (BEP 16) gives the whole film', async () => {
    const [lone = ''] = stage.seeder.peers
    stage.tracker.peers(stage.torrents.lone.infoHash, [lone])
    await stage.seeder.superSeed()
    const answer = await ask(stage.server.base + playMovie(ids.lone))
    expect([answer.status, sha256(answer.body)]).toEqual([200, sha256(stage.torrents.lone.content)])
  })
})
