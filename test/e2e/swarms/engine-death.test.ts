import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { withWatch } from '../../support/clients/watch.ts'
import { errorCode, published } from '../../support/facts.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { childrenOf } from '../../support/server/processes.ts'
import { type Answer, ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, within } from '../../support/wait.ts'

const ids = {
  cached: 'tt9001601',
  cold: 'tt9001602',
  other: 'tt9001603',
  large: 'tt9001604',
  lonely: 'tt9001605',
} as const
type Name = keyof typeof ids
const SIZE = 6 * MiB + 1

describe('the engine process dies', () => {
  let stage: Stage<Name>
  const url = (server: Playlink, name: Name): string => server.base + playMovie(ids[name])
  beforeAll(async () => {
    stage = await openStage<Name>({
      torrents: {
        cached: { name: 'cached.mkv', size: 24 * MiB, pieceLength: 256 * KiB },
        cold: { name: 'cold.mkv', size: SIZE },
        other: { name: 'other.mkv', size: SIZE },
        large: { name: 'large.mkv', size: 20 * MiB + 1, pieceLength: 128 * KiB },
        lonely: { name: 'lonely.mkv', size: 200_000 },
      },
      titles: ({ magnet }) =>
        (Object.keys(ids) as Name[]).map((name) =>
          movie(ids[name], name, { magnet: magnet(name) }),
        ),
    })
    stage.tracker.peers(stage.torrents.lonely.infoHash, [])
    await ask(url(stage.server, 'cached'))
    await published(stage.server.base, ids.cached)
  })
  beforeEach(() => stage.seeder.rate(1_500_000))
  afterAll(() => stage.end())

  interface View {
    readonly name: Name
    readonly begun: Buffer
    readonly stream: Stream
  }
  async function view(server: Playlink, name: Name): Promise<View> {
    const stream = await begin(url(server, name))
    return { name, stream, begun: await stream.read(256 * KiB) }
  }
  /** One connection from the first byte to the last. */
  async function expectWhole({ name, begun, stream }: View): Promise<void> {
    const rest = await within(`the rest of ${name}`, 60_000, stream.rest())
    expect([name, rest.complete]).toEqual([name, true])
    const got = sha256(Buffer.concat([begun, rest.body]))
    expect([name, got]).toEqual([name, sha256(stage.torrents[name].content)])
  }
  /** Cut, never a short body that looks whole, and no wrong byte. */
  function expectCut({ name, begun }: View, rest: Answer): void {
    const got = Buffer.concat([begun, rest.body])
    expect(got.equals(stage.torrents[name].content.subarray(0, got.length))).toBe(true)
    expect(rest.complete).toBe(false)
  }
  /** Ends the engine and waits until the next one has taken over. */
  async function die(server: Playlink, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const engine = await server.enginePid()
    const resumed = count(server, 'download resumed')
    process.kill(engine, signal)
    await eventually('another engine', () => childrenOf(server.pid).some((pid) => pid !== engine))
    expect(childrenOf(server.pid)).not.toContain(engine)
    await eventually('plays resumed', () => count(server, 'download resumed') > resumed)
  }
  const count = (server: Playlink, words: string): number => server.log().split(words).length - 1

  test('kill -9: two running plays go on in their connections, cached files notice nothing', async () => {
    const { server } = stage
    const disk = await view(server, 'cached')
    const plays = [await view(server, 'cold'), await view(server, 'other')]
    const { wrong } = await withWatch([`${server.base}/health`], async () => {
      await die(server)
      await stage.seeder.rate(0)
      for (const play of plays) await expectWhole(play)
    })
    expect(wrong).toEqual([])
    await expectWhole(disk)
    await published(server.base, ids.cold)
    expect(sha256((await ask(url(server, 'cold'))).body)).toBe(sha256(stage.torrents.cold.content))
  })

  test('a hang is noticed by its heartbeat and is a pause like any other', async () => {
    const server = await stage.another()
    const play = await view(server, 'cold')
    const { wrong } = await withWatch([`${server.base}/health`], async () => {
      await die(server, 'SIGSTOP')
      await stage.seeder.rate(0)
      await expectWhole(play)
    })
    expect(wrong).toEqual([])
  })

  test('plays through slots go on, at both places', async () => {
    const server = await stage.another({ CACHE_MAX_DISK_MB: '12' })
    const play = await view(server, 'large')
    const film = stage.torrents.large.content
    const far = await begin(url(server, 'large'), { headers: { Range: 'bytes=15000000-' } })
    const begun = await far.read(64 * KiB)
    await die(server)
    await stage.seeder.rate(0)
    await expectWhole(play)
    const rest = await far.rest()
    expect(rest.complete).toBe(true)
    expect(Buffer.concat([begun, rest.body]).equals(film.subarray(15_000_000))).toBe(true)
  })

  test('there at two deaths: ended and refused; who was at one goes on', async () => {
    const server = await stage.another()
    await stage.seeder.rate(400_000)
    const twice = await view(server, 'cold')
    await die(server)
    const more = await twice.stream.read(64 * KiB)
    const once = await view(server, 'other')
    const [, rest] = await Promise.all([die(server), twice.stream.rest()])
    expectCut({ ...twice, begun: Buffer.concat([twice.begun, more]) }, rest)
    const refused = await ask(url(server, 'cold'))
    expect([refused.status, errorCode(refused.body)]).toEqual([502, 'HOSTILE_TORRENT'])
    await stage.seeder.rate(0)
    await expectWhole(once)
    expect((await ask(url(server, 'large'))).status).toBe(200)
  })

  test('what was being opened: 502, and refused; who played goes on', async () => {
    const server = await stage.another()
    const play = await view(server, 'cold')
    const { infoHash } = stage.torrents.lonely
    const before = stage.tracker.starts(infoHash)
    const opening = ask(url(server, 'lonely'))
    await eventually('it asks for its metadata', () => stage.tracker.starts(infoHash) > before)
    await die(server)
    const ended = await within('its answer', 60_000, opening)
    expect([ended.status, errorCode(ended.body)]).toEqual([502, 'ENGINE_DIED'])
    const again = await ask(url(server, 'lonely'))
    expect([again.status, errorCode(again.body)]).toEqual([502, 'HOSTILE_TORRENT'])
    await stage.seeder.rate(0)
    await expectWhole(play)
  })
})
