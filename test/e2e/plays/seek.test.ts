import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats } from '../../support/facts.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const ID = 'tt9000301'
const SIZE = 12 * MiB + 77
const RATE = 600_000

describe('seeking while the film still arrives', () => {
  let stage: Stage<'film'>
  let film: Buffer
  beforeAll(async () => {
    stage = await openStage({
      torrents: { film: { name: 'Seek.2001.mp4', size: SIZE, pieceLength: 128 * KiB } },
      titles: ({ magnet }) => [movie(ID, 'Seek', { magnet: magnet('film') })],
    })
    film = stage.torrents.film.content
    await stage.seeder.rate(RATE)
  })
  afterAll(() => stage.end())

  test('the middle and the tail come before a reader in order could have got there', async () => {
    const url = stage.server.base + playMovie(ID)
    const fromStart = await begin(url)
    const head = await fromStart.read(64 * KiB)
    expect(head.equals(film.subarray(0, head.length))).toBe(true)

    const tail = await ask(url, { headers: { Range: 'bytes=-65536' } })
    expect(tail.body.equals(film.subarray(SIZE - 65536))).toBe(true)
    const at = Math.floor(SIZE * 0.75)
    const middle = await ask(url, { headers: { Range: `bytes=${at}-${at + 256 * KiB - 1}` } })
    expect(middle.body.equals(film.subarray(at, at + 256 * KiB))).toBe(true)
    const sent = await stage.seeder.uploaded(stage.torrents.film.infoHash)
    expect(sent).toBeLessThan(SIZE * 0.75)
    fromStart.leave()
  })

  test('nobody watching: the download stops soon and its part is kept', async () => {
    const { infoHash } = stage.torrents.film
    await eventually(
      'the arrival at rest',
      async () => (await cacheStats(stage.server.base)).arrivals.running === 0,
    )
    const kept = await cacheStats(stage.server.base)
    expect(kept.disk.usedBytes).toBeGreaterThan(0)
    expect(kept.disk.usedBytes).toBeLessThan(SIZE)
    const sent = await stage.seeder.uploaded(infoHash)
    expect(await stage.seeder.uploaded(infoHash)).toBe(sent)
  })

  test('the next viewer resumes it: the whole film, no part fetched twice', async () => {
    await stage.seeder.rate(0)
    const whole = await ask(stage.server.base + playMovie(ID))
    expect(whole.complete).toBe(true)
    expect(sha256(whole.body)).toBe(sha256(film))
    const sent = await stage.seeder.uploaded(stage.torrents.film.infoHash)
    // blocks under way when the viewer left may have been asked again
    expect(sent).toBeLessThan(SIZE + 2 * MiB)
  })
})
