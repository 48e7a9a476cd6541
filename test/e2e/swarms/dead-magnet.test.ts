import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, errorCode } from '../../support/facts.ts'
import { type Answer, ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { startPeer } from '../../support/swarm/peer.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const [NOBODY, NO_DATA, SILENT, NO_TRACKER, VANISHING] = [
  'tt9000601',
  'tt9000602',
  'tt9000603',
  'tt9000604',
  'tt9000605',
] as const

describe('swarms that do not answer', () => {
  let stage: Stage<'vanishing'>
  let slow: Promise<Answer>
  let vanished: Promise<Answer>
  const nobody = buildTorrent({ name: 'Nobody.2001.mkv', size: 100_000 })
  const noData = buildTorrent({ name: 'No.Data.2001.mkv', size: 100_000 })
  const silent = buildTorrent({ name: 'Silent.2001.mkv', size: 100_000 })
  let quick: string

  beforeAll(async () => {
    stage = await openStage({
      torrents: { vanishing: { name: 'Vanish.2001.mkv', size: 8 * MiB, pieceLength: 64 * KiB } },
      titles: ({ magnet, trackerUrl }) => [
        movie(NOBODY, 'Nobody', { magnet: nobody.magnet({ trackers: [trackerUrl] }) }),
        movie(NO_DATA, 'No data', { magnet: noData.magnet({ trackers: [trackerUrl] }) }),
        movie(SILENT, 'Silent', { magnet: silent.magnet({ trackers: [trackerUrl] }) }),
        movie(NO_TRACKER, 'No tracker', { magnet: `magnet:?xt=urn:btih:${'ab'.repeat(20)}` }),
        movie(VANISHING, 'Vanishing', { magnet: magnet('vanishing') }),
      ],
    })
    const common = { pieceLength: 64 * KiB }
    const onlyMetadata = await startPeer({ ...common, info: noData.info, pieceCount: 0 })
    const promising = await startPeer({ ...common, info: silent.info, pieceCount: 2 })
    stage.own(() => onlyMetadata.close())
    stage.own(() => promising.close())
    stage.tracker.peers(noData.infoHash, [onlyMetadata.peer])
    stage.tracker.peers(silent.infoHash, [promising.peer])
    // both of these take half a minute by contract: they run while the others are tried
    slow = ask(stage.server.base + playMovie(NOBODY))
    vanished = vanish()
    quick = (await stage.another({ PLAY_TIMEOUT: '3' })).base
  }, 40_000)
  afterAll(() => stage.end(), 20_000)

  /** A film whose only seeder goes away in mid-stream. */
  async function vanish(): Promise<Answer> {
    await stage.seeder.rate(1_000_000)
    const stream = await begin(stage.server.base + playMovie(VANISHING), { timeout: 60_000 })
    await stream.read(256 * KiB)
    await stage.seeder.pause()
    return stream.rest()
  }

  test.each([
    ['a tracker that knows nobody', NOBODY, 'NO_PEERS'],
    ['no tracker at all', NO_TRACKER, 'NO_PEERS'],
    ['peers with metadata only', NO_DATA, 'NO_FIRST_BYTE'],
    ['peers that never answer a request', SILENT, 'NO_FIRST_BYTE'],
  ])('%s: 504 by PLAY_TIMEOUT and not before', async (_, id, code) => {
    const answer = await ask(quick + playMovie(id))
    expect([answer.status, errorCode(answer.body)]).toEqual([504, code])
    expect(answer.ms.total).toBeLessThan(4000)
    // an error is final for players: the answer is held until the deadline
    expect(answer.ms.total).toBeGreaterThan(2500)
  })

  test('HEAD of a dead one answers at once', async () => {
    const head = await ask(quick + playMovie(NOBODY), { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.ms.total).toBeLessThan(1500)
  })

  test('a viewer who leaves is not waited for', async () => {
    const asked = begin(quick + playMovie(NOBODY), { timeout: 500 })
    await expect(asked).rejects.toThrow()
    await eventually('no play', async () => (await cacheStats(quick)).plays.active === 0, 1500)
  })

  test('with the default, a dead magnet is 504 within 31 s', async () => {
    const answer = await slow
    expect([answer.status, errorCode(answer.body)]).toEqual([504, 'NO_PEERS'])
    expect(answer.ms.total).toBeLessThan(31_000)
    expect(answer.ms.total).toBeGreaterThan(28_000)
  }, 40_000)

  test('seeders that vanish: the connection is cut, and the next request resumes', async () => {
    const cut = await vanished
    expect(cut.status).toBe(200)
    expect(cut.complete).toBe(false)
    expect(cut.body.length).toBeLessThan(8 * MiB)
    await stage.seeder.rate(0)
    await stage.seeder.resume()
    const whole = await ask(stage.server.base + playMovie(VANISHING))
    expect([whole.status, whole.complete]).toEqual([200, true])
    expect(sha256(whole.body)).toBe(sha256(stage.torrents.vanishing.content))
  }, 60_000)
})
