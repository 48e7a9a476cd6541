import { afterEach, expect, test } from '@jest/globals'
import { Balancer } from '../../../cluster/balancer.ts'
import { ASKED_HEADER, HANDED_HEADER, Signatures } from '../../../cluster/signature.ts'
import { systemClock } from '../../../common/clock.ts'
import { createFakeIndex } from '../../player/fakes.ts'
import { errorCode } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { silent } from '../../torrent/engines.ts'
import { startServer, type TestServer } from '../fakes.ts'

const SECRET = 'x'.repeat(32)
const PATH = '/node/ahead/ends/series/tt0903747/3/1/2?s=abcdefghij'
const signaturesOf = (node: string, secret = SECRET, shift = 0) => {
  const clock = { steady: systemClock.steady, wall: () => systemClock.wall() + shift }
  return new Signatures({ secret, node, clock })
}
const other = signaturesOf('other')

let server: TestServer | undefined
afterEach(() => server?.stop())

/** A node, and what it was asked to fetch; `work` is how it does that. */
async function start(
  work: (leaving: AbortSignal) => Promise<boolean> = async () => true,
  more: Parameters<typeof startServer>[0] = {},
) {
  const asked: unknown[] = []
  const index = createFakeIndex()
  const signatures = signaturesOf('self')
  const balancer = new Balancer({ url: undefined, signatures, index, log: silent })
  server = await startServer({
    cluster: { signatures, balancer, nodes: { all: [] } },
    fetchAhead: {
      async asked(play, what, leaving) {
        asked.push({ ...play, what })
        return work(leaving)
      },
    },
    ...more,
  })
  const base = `http://127.0.0.1:${server.port}`
  const send = async (header: string | undefined, path = PATH) => {
    const answer = await ask(base + path, { headers: header ? { [ASKED_HEADER]: header } : {} })
    return answer.status === 200 ? answer.json() : [answer.status, errorCode(answer.body)]
  }
  return { base, asked, index, send }
}

const ONE_EACH = {
  ...{ lists: 1, searches: 1, states: 1, coldStarts: 1 },
  ...{ streams: 1, live: 1, connections: 9 },
}

test.each([true, false])(
  'a node that the balancer chose fetches ahead, and tells whether it is there: %j',
  async (fetched) => {
    const { send, asked } = await start(async () => fetched, { limits: ONE_EACH })
    const title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }
    const play = { title, number: 3, sourceKey: 'abcdefghij', what: 'ends' }
    // More often than one address may ask for anything: it counts for none.
    for (let i = 0; i < 4; i++) expect(await send(other.signToAnybody(PATH))).toEqual({ fetched })
    expect(asked).toEqual([play, play, play, play])
  },
)

test('a stranger finds no such address, with tokens of viewers or without', async () => {
  const { send, asked } = await start()
  expect(await send(undefined)).toEqual([404, 'NOT_FOUND'])
  await server?.stop()
  const access = { file: { find: () => undefined }, usage: undefined } as never
  const closed = await start(undefined, { access })
  expect(await closed.send(undefined)).toEqual([404, 'NOT_FOUND'])
  expect(await closed.send(other.signToAnybody(PATH))).toEqual({ fetched: true })
  expect([asked.length, closed.asked.length]).toEqual([0, 1])
})

test('what is forged, old, of another address or sent twice is refused, and nothing is fetched', async () => {
  const { base, send, asked } = await start()
  const refused = [401, 'NODE_SIGNATURE']
  expect(await send('e30.e30')).toEqual(refused)
  expect(await send(signaturesOf('other', 'y'.repeat(32)).signToAnybody(PATH))).toEqual(refused)
  expect(await send(other.signToAnybody(PATH.replace('/3/', '/4/')))).toEqual(refused)
  expect(await send(signaturesOf('other', SECRET, -60_000).signToAnybody(PATH))).toEqual([
    401,
    'NODE_CLOCK',
  ])
  const handed = other.sign({ method: 'GET', target: PATH, range: '' }, 'self', { viewer: 'v' })
  expect(await send(handed)).toEqual(refused)
  const asPlay = await ask(base + PATH, { headers: { [HANDED_HEADER]: handed } })
  expect(asPlay.status).toBe(404)
  expect(asked).toEqual([])
  const header = other.signToAnybody(PATH)
  expect(await send(header)).toEqual({ fetched: true })
  expect(await send(header)).toEqual(refused)
  expect(asked).toHaveLength(1)
})

test('one that stops says so, for the balancer to ask another, and spends no signature', async () => {
  const { send, asked, index } = await start()
  server?.lifecycle.drain()
  expect(await send(other.signToAnybody(PATH))).toEqual([503, 'DRAINING'])
  expect([asked.length, index.entries.size]).toEqual([0, 0])
})

test('the work ends when the node that asked has gone', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<boolean>()
  const { base, asked } = await start(async (leaving) => {
    leaving.addEventListener('abort', () => resolve(true), { once: true })
    return ended
  })
  const leaver = new AbortController()
  const answer = fetch(base + PATH, {
    headers: { [ASKED_HEADER]: other.signToAnybody(PATH) },
    signal: leaver.signal,
  }).catch(() => 'left')
  while (asked.length === 0) await new Promise((go) => setTimeout(go, 5))
  leaver.abort()
  expect(await answer).toBe('left')
  expect(await ended).toBe(true)
})
