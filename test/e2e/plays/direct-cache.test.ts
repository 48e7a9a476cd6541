import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB, payload } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

/** Each test has a film of its own, for what a link is, is remembered. */
const FILMS = Array.from({ length: 12 }, (_, n) => `tt90005${70 + n}`)
let testNumber = -1
const ids = {
  get film() {
    return FILMS[testNumber] ?? ''
  },
  other: 'tt9000562',
  large: 'tt9000563',
  weak: 'tt9000564',
}
const SIZE = 6 * MiB + 12_345
const FILM = payload('a film that is kept', SIZE)
const OTHER = payload('another film', 3 * MiB)
const LARGE = payload('a film that is larger than the cache', 64 * MiB)

/** What was asked of the other server, and how it behaves. */
const asked: string[] = []
let sent = 0
let state = {
  etag: '"one"',
  film: FILM,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  breaksAfter: 0,
  down: false,
}
const initial = state

/** A server of ranges, with a strong validator but for one file. */
async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = req.url ?? ''
  asked.push(`${path} ${req.headers.range}`)
  if (state.down) return void res.destroy()
  const isFilm = path.startsWith('/film-')
  const others = { '/other.mp4': OTHER, '/large.mp4': LARGE, '/weak.mp4': OTHER }
  const body = isFilm ? state.film : others[path as keyof typeof others]
  if (!body) return void res.writeHead(404).end()
  const [, from = 0, to = body.length - 1] =
    /^bytes=(\d+)-(\d*)$/
      .exec(req.headers.range ?? '')
      ?.map((n) => (n === '' ? undefined : Number(n))) ?? []
  const part = body.subarray(Number(from), Number(to) + 1)
  const etag = path === '/weak.mp4' ? 'W/"weak"' : isFilm ? state.etag : `"${path}"`
  res.writeHead(206, {
    'Content-Type': 'video/mp4',
    'Content-Range': `bytes ${from}-${to}/${body.length}`,
    'Content-Length': part.length,
    ETag: etag,
  })
  for (let at = 0; at < part.length && !res.destroyed; at += 64 * 1024) {
    const chunk = part.subarray(at, at + 64 * 1024)
    sent += chunk.length
    if (!res.write(chunk))
      await new Promise((resolve) => res.once('drain', resolve).once('close', resolve))
    const { breaksAfter, bytesPerSecond } = state
    if (breaksAfter > 0 && at > breaksAfter) return void res.destroy()
    if (Number.isFinite(bytesPerSecond)) await sleep((chunk.length / bytesPerSecond) * 1000)
  }
  res.end()
}

let stage: Stage<never>
let web: Web
let server: Playlink
let cacheDir: string
const url = (id: string): string => server.base + playMovie(id)

const start = async (more: Record<string, string> = {}): Promise<void> => {
  const env = { DIRECT: 'cache', CACHE_DIR: cacheDir, CACHE_MAX_DISK_MB: '16' }
  server = await stage.another({ ...env, CACHE_PERSISTENT: 'true', ...more })
}

beforeAll(async () => {
  web = await startWeb((req, res) => void serve(req, res))
  stage = await openStage({
    titles: () => [
      ...FILMS.map((id, n) => movie(id, `Film ${n}`, { url: `${web.base}/film-${n}.mp4` })),
      movie(ids.other, 'Other', { url: `${web.base}/other.mp4` }),
      movie(ids.large, 'Large', { url: `${web.base}/large.mp4` }),
      movie(ids.weak, 'Weak', { url: `${web.base}/weak.mp4` }),
    ],
  })
  stage.own(() => web.close())
  cacheDir = await mkdtemp(join(tmpdir(), 'direct-cache-'))
  await start()
})
beforeEach(() => {
  testNumber++
  state = { ...initial }
  asked.length = 0
  sent = 0
})
afterAll(async () => {
  await server?.stop()
  await stage?.end()
  await rm(cacheDir, { recursive: true, force: true })
})

const restart = async (): Promise<void> => {
  await server.stop()
  await start()
}

test('a link is fetched once for several viewers, and then played from the cache', async () => {
  state.bytesPerSecond = 8 * MiB
  const answers = await Promise.all([ask(url(ids.film)), ask(url(ids.film)), ask(url(ids.film))])
  for (const { status, body } of answers) {
    expect(status).toBe(200)
    expect(body.equals(FILM)).toBe(true)
  }
  await published(server.base, ids.film)
  // The question what it is takes a little more.
  expect(sent).toBeLessThan(SIZE + 2 * MiB)
  const before = asked.length
  const again = await ask(url(ids.film), { headers: { Range: 'bytes=1000000-1999999' } })
  expect(again.status).toBe(206)
  expect(again.body.equals(FILM.subarray(1_000_000, 2_000_000))).toBe(true)
  expect(again.headers.etag).toBe(answers[0]?.headers.etag)
  expect((await ask(url(ids.film), { method: 'HEAD' })).headers.etag).toBe(again.headers.etag)
  expect(asked.length).toBe(before)
  expect((await ask(server.base + streamsOf(ids.film))).body.toString()).not.toContain(
    new URL(web.base).host,
  )
})

test('who jumps gets the place at once, and what was passed over comes too', async () => {
  state.bytesPerSecond = MiB
  const first = await begin(url(ids.film))
  await first.read(100_000)
  const end = await ask(url(ids.film), { headers: { Range: `bytes=${SIZE - 1000}-` } })
  expect(end.body.equals(FILM.subarray(SIZE - 1000))).toBe(true)
  expect((await cacheStats(server.base)).arrivals.running).toBe(1)
  state.bytesPerSecond = Number.POSITIVE_INFINITY
  expect((await first.rest()).complete).toBe(true)
  await published(server.base, ids.film)
  expect((await ask(url(ids.film))).body.equals(FILM)).toBe(true)
  expect(sent).toBeLessThan(SIZE + 3 * MiB)
})

test('a connection that breaks is taken up where it broke', async () => {
  state.breaksAfter = MiB / 2
  const { body } = await ask(url(ids.film), { timeout: 60_000 })
  expect(body.equals(FILM)).toBe(true)
  expect(asked.length).toBeGreaterThan(5)
})

test('another file at the same address is another file here', async () => {
  const first = await ask(url(ids.film))
  await published(server.base, ids.film)
  await restart()
  state = { ...state, etag: '"two"', film: OTHER }
  const second = await ask(url(ids.film))
  expect(second.body.equals(OTHER)).toBe(true)
  expect(second.headers.etag).not.toBe(first.headers.etag)
})

test('what is here plays after a restart though the other server is down', async () => {
  const first = await ask(url(ids.film))
  await published(server.base, ids.film)
  await restart()
  state.down = true
  const again = await ask(url(ids.film))
  expect(again.status).toBe(200)
  expect(again.body.equals(FILM)).toBe(true)
  expect(again.headers.etag).toBe(first.headers.etag)
  expect((await ask(url(ids.other))).status).toBe(502)
})

test('what is on disk of a link is within the limit, least recently used first', async () => {
  await ask(url(ids.film))
  await published(server.base, ids.film)
  const large = await ask(url(ids.large), { timeout: 60_000 })
  expect(large.body.equals(LARGE)).toBe(true)
  const { disk } = await cacheStats(server.base)
  expect(disk.usedBytes + disk.reservedBytes).toBeLessThanOrEqual(16 * MiB)
})

test('without a strong validator it is relayed, and nothing is kept', async () => {
  const before = (await cacheStats(server.base)).disk.usedBytes
  const { status, body } = await ask(url(ids.weak))
  expect([status, body.equals(OTHER)]).toEqual([200, true])
  await eventually('nothing runs', async () => (await cacheStats(server.base)).plays.active === 0)
  expect((await cacheStats(server.base)).disk.usedBytes).toBe(before)
})

test('what arrived before a crash is not believed, for nothing can tell what is whole', async () => {
  state.bytesPerSecond = 2 * MiB
  const play = await begin(url(ids.film))
  await play.read(3 * MiB)
  await server.kill()
  await play.rest()
  await start()
  state.bytesPerSecond = Number.POSITIVE_INFINITY
  const { body } = await ask(url(ids.film))
  expect(body.equals(FILM)).toBe(true)
})

test('a file that becomes another one while it plays is cut, never mixed', async () => {
  state.bytesPerSecond = 2 * MiB
  const play = await begin(url(ids.film))
  const begun = await play.read(MiB)
  state = { ...state, etag: '"two"', film: Buffer.alloc(SIZE, 7), breaksAfter: 1 }
  const { body, complete } = await play.rest()
  expect(complete).toBe(false)
  const got = Buffer.concat([begun, body])
  expect(got.equals(FILM.subarray(0, got.length))).toBe(true)
  state = { ...state, breaksAfter: 0, bytesPerSecond: Number.POSITIVE_INFINITY }
  expect((await ask(url(ids.film))).body.equals(Buffer.alloc(SIZE, 7))).toBe(true)
})

test('with CACHE_FILL=window nothing is fetched that no reader is about to reach', async () => {
  await server.stop()
  await start({ CACHE_FILL: 'window', CACHE_MAX_DISK_MB: '100' })
  const play = await begin(url(ids.large))
  const begun = await play.read(100_000)
  await sleep(1500)
  const ahead = 32 * MiB
  // What sockets hold comes on top.
  expect(sent).toBeLessThan(ahead + 16 * MiB)
  const rest = await play.rest()
  expect(rest.complete).toBe(true)
  expect(Buffer.concat([begun, rest.body]).equals(LARGE)).toBe(true)
  expect(sent).toBeLessThan(LARGE.length + 2 * MiB)
})
