import { connect } from 'node:net'
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
const DEAD = [NOBODY, NO_TRACKER, NO_DATA, SILENT]

describe('swarms that do not answer', () => {
  let stage: Stage<'vanishing'>
  /** What was answered, first to last. */
  const answered: string[] = []
  const asked = new Map<string, Promise<Answer>>()
  let vanished: Promise<Answer>
  const nobody = buildTorrent({ name: 'Nobody.2001.mkv', size: 100_000 })
  const noData = buildTorrent({ name: 'No.Data.2001.mkv', size: 100_000 })
  const silent = buildTorrent({ name: 'Silent.2001.mkv', size: 100_000 })

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
    const timeouts = ['1', '6'] as const
    const [short, long] = await Promise.all(
      timeouts.map((PLAY_TIMEOUT) => stage.another({ PLAY_TIMEOUT })),
    )
    // What is looked at is who is answered before whom: who may wait longest asks first, so that
    // answers given at once would come the other way round. Half a minute is by contract.
    start('default', stage.server.base, NOBODY)
    vanished = vanish()
    vanished.catch(() => {})
    for (const id of DEAD) start('long', long?.base, id)
    start('HEAD', long?.base, NOBODY, 'HEAD')
    await asked.get(`HEAD ${NOBODY}`)
    for (const id of DEAD) start('short', short?.base, id)
  })
  afterAll(() => stage.end())

  function start(name: string, base = '', id: string, method = 'GET'): void {
    const answer = ask(base + playMovie(id), { method })
    asked.set(`${name} ${id}`, answer)
    answer.then(
      () => answered.push(`${name} ${id}`),
      () => undefined,
    )
  }
  const outcome = async (name: string): Promise<unknown[]> => {
    const answer = await asked.get(name)
    return [answer?.status, errorCode(answer?.body ?? Buffer.alloc(0))]
  }
  /** Those of these that have been answered, first to last. */
  const order = (...names: string[]): string[] => answered.filter((name) => names.includes(name))

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
    const names = ['short', 'long', 'default'].map((name) => `${name} ${id}`)
    expect(await outcome(`long ${id}`)).toEqual([504, code])
    // An error is final for players: each answer is held until its own deadline, of 1, 6 and 30 s.
    expect(order(...names)).toEqual(names.slice(0, 2))
  })

  test('HEAD of a dead one answers at once', async () => {
    const [head, get] = [`HEAD ${NOBODY}`, `long ${NOBODY}`]
    expect((await asked.get(head))?.status).toBe(200)
    await asked.get(get)
    expect(order(head, get)).toEqual([head, get])
  })

  test('a viewer who leaves is not waited for', async () => {
    const { base, port } = await stage.another({ PLAY_TIMEOUT: '120' })
    const viewer = connect(port, '127.0.0.1')
    viewer.write(`GET ${playMovie(SILENT)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    const active = async (): Promise<number> => (await cacheStats(base)).plays.active
    await eventually('a play', async () => (await active()) === 1)
    viewer.destroy()
    await eventually('no play', async () => (await active()) === 0)
  })

  test('with the default, a dead magnet is 504 after half a minute', async () => {
    const names = ['short', 'long', 'default'].map((name) => `${name} ${NOBODY}`)
    // Bound by the patience of ask(), 40 s; what PLAY_TIMEOUT is by default test/docs/tables.test.ts knows.
    expect(await outcome(`default ${NOBODY}`)).toEqual([504, 'NO_PEERS'])
    expect(order(...names)).toEqual(names)
  })

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
  })
})
