import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import { HANDED_HEADER, Signatures } from '../../../cluster/signature.ts'
import { systemClock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import { ask } from '../../support/server/request.ts'
import {
  fakeFile,
  patterned,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../fakes.ts'

const SECRET = 'x'.repeat(32)
const KEY = `${'c'.repeat(40)}/1` as const
const signaturesOf = (node: string) => new Signatures({ secret: SECRET, node, clock: systemClock })
const other = signaturesOf('other')
const PATH = '/play/series/tt0903747/0/1/2?s=abcdefghij'
const BYTES = patterned(5000)

let server: TestServer | undefined
afterEach(() => server?.stop())

async function start(options: TestServerOptions = {}): Promise<string> {
  server = await startServer({
    cluster: { signatures: signaturesOf('self'), balancer: {} as never, nodes: { all: [] } },
    play: async () => fakeFile(BYTES).playable,
    ...options,
  })
  return `http://127.0.0.1:${server.port}`
}
const signed = (range = '', viewer = '198.51.100.7'): Record<string, string> => ({
  [HANDED_HEADER]: other.sign({ method: 'GET', target: PATH, range }, 'self', { viewer, key: KEY }),
  ...(range && { range }),
})
const limits = {
  lists: 1,
  searches: 1,
  states: 1,
  coldStarts: 1,
  streams: 1,
  live: 1,
  connections: 9,
}

test('a play of another node reaches the player with who it is for, and is no guess of its next one', async () => {
  const told: string[] = []
  const prefetch = {
    listRequested: () => {},
    playStarted: () => void told.push('started'),
    nearEnd: () => void told.push('near the end'),
  }
  const base = await start({ prefetch, limits })
  const answer = await ask(base + PATH, { headers: signed('bytes=100-199') })
  expect([answer.status, answer.body.equals(BYTES.subarray(100, 200))]).toEqual([206, true])
  expect(server?.asked[0]?.request).toMatchObject({
    handed: { node: 'other', viewer: '198.51.100.7', key: KEY },
    asker: { address: '198.51.100.7' },
  })
  await ask(base + PATH, { headers: signed() })
  expect(told).toEqual([])
  await ask(base + PATH)
  expect(told).toEqual(['started', 'near the end'])
})

test('is counted where the viewer came to, not here', async () => {
  const base = await start({ limits })
  const all = Array.from({ length: 8 }, () => ask(base + PATH, { headers: signed() }))
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(8).fill(200))
})

test('needs no token of a viewer; without a signature there is none to be had', async () => {
  const access = { file: { find: () => undefined }, usage: undefined } as never
  const base = await start({ access })
  expect((await ask(base + PATH, { headers: signed() })).status).toBe(200)
  expect((await ask(base + PATH)).status).toBe(403)
  expect((await ask(base + PATH, { headers: { [HANDED_HEADER]: 'e30.e30' } })).status).toBe(401)
  expect((await ask(`${base}/`, { headers: signed() })).status).toBe(401)
})

test('its refusals are no clips', async () => {
  const play = async (): Promise<never> => {
    throw new Fault('NO_PEERS')
  }
  const base = await start({ play, config: { errorClip: true } })
  expect((await ask(base + PATH)).status).toBe(302)
  const handed = await ask(base + PATH, { headers: signed() })
  expect([handed.status, handed.json()]).toMatchObject([504, { error: { code: 'NO_PEERS' } }])
})

test('where there is no cluster the header says nothing', async () => {
  const base = await start({ cluster: undefined })
  expect((await ask(base + PATH, { headers: signed() })).status).toBe(200)
  expect(server?.asked[0]?.request.handed).toBeUndefined()
})

test('connections that have shown whose they are do not count for their address', async () => {
  const base = await start({ connections: 3 })
  const agent = new Agent({ keepAlive: true })
  const answered = (headers: Record<string, string>): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      httpRequest(base + PATH, { agent, headers }, resolve)
        .once('error', reject)
        .end()
    })
  try {
    // Not read: each stays open on a connection of its own.
    for (let i = 0; i < 6; i++) expect((await answered(signed())).statusCode).toBe(200)
    for (let i = 0; i < 3; i++) expect((await answered({})).statusCode).toBe(200)
    await expect(answered({})).rejects.toThrow()
  } finally {
    agent.destroy()
  }
})
