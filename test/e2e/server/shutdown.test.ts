import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { published } from '../../support/facts.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, sleep, within } from '../../support/wait.ts'

const ID = 'tt9001701'
const SIZE = 24 * MiB
/** Of two signals within a second the second is the first one's echo. */
const TWICE_IS_TWICE_MS = 1200

describe('SIGTERM', () => {
  let stage: Stage<'film'>
  beforeAll(async () => {
    stage = await openStage({
      torrents: { film: { name: 'film.mkv', size: SIZE, pieceLength: 256 * KiB } },
      titles: ({ magnet }) => [movie(ID, 'Film', { magnet: magnet('film') })],
      // Who waits for it fails: far longer than any wait of these tests.
      env: { SHUTDOWN_GRACE: '300' },
    })
  })
  afterAll(() => stage.end())

  async function reading(server: Playlink): Promise<{ stream: Stream; begun: Buffer }> {
    await ask(server.base + playMovie(ID))
    await published(server.base, ID)
    const stream = await begin(server.base + playMovie(ID))
    return { stream, begun: await stream.read(64 * KiB) }
  }
  const ready = (server: Playlink): Promise<number> =>
    ask(`${server.base}/ready`).then(
      (answer) => answer.status,
      () => 0,
    )

  test('idle: ends soon, exit 0, whole group gone', async () => {
    const server = await stage.another()
    expect(await ready(server)).toBe(200)
    server.signal('SIGTERM')
    expect(await within('the exit', 60_000, server.exited())).toBe(0)
    await server.stop()
  })

  test('in mid-stream: not ready at once, the stream finishes, exit 0', async () => {
    const server = await stage.another()
    const { stream, begun } = await reading(server)
    server.signal('SIGTERM')
    // 503, or no new connection at all
    await eventually('not ready', async () => [0, 503].includes(await ready(server)))
    const refused = await ask(server.base + playMovie(ID)).then(
      (answer) => answer.status,
      () => 0,
    )
    expect([0, 503]).toContain(refused)
    const rest = await stream.rest()
    expect(rest.complete).toBe(true)
    expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(stage.torrents.film.content))
    expect(await within('the exit', 60_000, server.exited())).toBe(0)
    await server.stop()
  })

  test('from the swarm too: what is being watched arrives to its end', async () => {
    const server = await stage.another()
    await stage.seeder.rate(8_000_000)
    const stream = await begin(server.base + playMovie(ID))
    const begun = await stream.read(64 * KiB)
    server.signal('SIGTERM')
    const rest = await stream.rest()
    expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(stage.torrents.film.content))
    expect(await within('the exit', 60_000, server.exited())).toBe(0)
    await stage.seeder.rate(0)
  })

  test('past the grace: the stream is cut, exit 0', async () => {
    const server = await stage.another({ SHUTDOWN_GRACE: '1' })
    const { stream, begun } = await reading(server)
    server.signal('SIGTERM')
    expect(await within('the exit', 60_000, server.exited())).toBe(0)
    const rest = await stream.rest()
    expect(rest.complete).toBe(false)
    expect(begun.length + rest.body.length).toBeLessThan(SIZE)
  })

  test('a second one, a while after the first, ends it now', async () => {
    const server = await stage.another()
    const { stream } = await reading(server)
    server.signal('SIGTERM')
    await eventually('not ready', async () => [0, 503].includes(await ready(server)))
    await sleep(TWICE_IS_TWICE_MS)
    server.signal('SIGTERM')
    await within('the exit', 60_000, server.exited())
    expect((await stream.rest()).complete).toBe(false)
    await server.stop()
  })

  test('an idle keep-alive connection and a half-sent request hold nothing up', async () => {
    const server = await stage.another()
    const held = connect(server.port, '127.0.0.1')
    held.on('error', () => {})
    held.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /health HTTP/1.1\r\nHo')
    await new Promise((resolve) => held.once('data', resolve))
    server.signal('SIGTERM')
    expect(await within('the exit', 60_000, server.exited())).toBe(0)
    held.destroy()
  })
})
