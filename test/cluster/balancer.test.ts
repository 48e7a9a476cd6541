import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Balancer } from '../../cluster/balancer.ts'
import { ASKED_HEADER, Signatures } from '../../cluster/signature.ts'
import { systemClock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Title } from '../../common/title.ts'
import { createFakeIndex, type FakeIndex } from '../player/fakes.ts'
import { closeServer, listen } from '../support/server/listening.ts'
import { silent } from '../torrent/engines.ts'

const title: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }
const source = { number: 3, key: 'abcdefghij' }
const TARGET = '/node/ahead/ends/series/tt0903747/3/1/2?s=abcdefghij'
const never = new AbortController().signal

let index: FakeIndex
let answer: (req: IncomingMessage, res: ServerResponse) => unknown
let server: Server
let url: string
/** Addresses that were asked for. */
let came: string[]

beforeEach(async () => {
  index = createFakeIndex()
  came = []
  server = createServer((req, res) => {
    came.push(`${req.url}`)
    void answer(req, res)
  })
  url = `http://127.0.0.1:${await listen(server)}`
})
afterEach(() => closeServer(server))

const balancerOf = (node: string, more: { url?: string | undefined; waitMs?: number } = {}) => {
  const secret = 'only-of-tests-0123456789-abcdefghij'
  const signatures = new Signatures({ secret, node, clock: systemClock })
  return new Balancer({ ...{ url, signatures, index, log: silent }, ...more })
}
const fetchAhead = (balancer: Balancer, signal = never): Promise<boolean | undefined> =>
  balancer.fetchAhead(title, source, 'ends', signal)

describe('asked through the balancer', () => {
  test.each([true, false])('the node that got it tells what became of it: %j', async (fetched) => {
    const taken: boolean[] = []
    const receiver = balancerOf('b')
    answer = async (req, res) => {
      taken.push(await receiver.accept(`${req.headers[ASKED_HEADER]}`, `${req.url}`))
      res.end(JSON.stringify({ fetched }))
    }
    expect(await fetchAhead(balancerOf('a'))).toBe(fetched)
    expect([came, taken]).toEqual([[TARGET], [true]])
  })

  const odd: readonly [string, (req: IncomingMessage, res: ServerResponse) => void][] = [
    ['an error', (_req, res) => res.writeHead(502).end('{"fetched":true}')],
    ['a redirect', (_req, res) => res.writeHead(302, { location: '/elsewhere' }).end()],
    ['a page', (_req, res) => res.end('<html>Welcome</html>')],
    ['other JSON', (_req, res) => res.end('{"fetched":"yes"}')],
    ['too much', (_req, res) => res.end(`{"fetched":true,"more":"${'x'.repeat(2000)}"}`)],
    [
      'half an answer',
      (_req, res) => {
        res.writeHead(200, { 'content-length': 99 }).write('{"fe')
        setTimeout(() => res.destroy(), 50)
      },
    ],
    ['the end of the connection', (req) => req.socket.destroy()],
  ]
  test.each(odd)('%s is no answer, and nobody is asked again', async (_what, how) => {
    answer = how
    expect(await fetchAhead(balancerOf('a'))).toBeUndefined()
    expect(came).toEqual([TARGET])
  })

  test('one that says nothing is not waited for for ever', async () => {
    answer = () => {}
    expect(await fetchAhead(balancerOf('a', { waitMs: 50 }))).toBeUndefined()
  })

  test('where there is none, or nothing listens, nobody is asked', async () => {
    expect(await fetchAhead(balancerOf('a', { url: undefined }))).toBeUndefined()
    await closeServer(server)
    expect(await fetchAhead(balancerOf('a'))).toBeUndefined()
    expect(came).toEqual([])
  })

  test('who leaves is waited for no longer, here and there', async () => {
    const leaving = new AbortController()
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    answer = (_req, res) => {
      res.once('close', resolve)
      leaving.abort()
    }
    expect(await fetchAhead(balancerOf('a'), leaving.signal)).toBeUndefined()
    await gone
  })
})

describe('what a node asks of whichever node gets it', () => {
  const sign = async (): Promise<string> => {
    let header = ''
    answer = (req, res) => {
      header = `${req.headers[ASKED_HEADER]}`
      res.end('{"fetched":false}')
    }
    await fetchAhead(balancerOf('a'))
    return header
  }
  const codeOf = (accepted: Promise<boolean>): Promise<string> =>
    accepted.then(String, (error: unknown) => (error instanceof Fault ? error.code : `${error}`))

  test('is taken once by all nodes together', async () => {
    const header = await sign()
    const [b, c] = [balancerOf('b'), balancerOf('c')]
    const both = [b.accept(header, TARGET), c.accept(header, TARGET)].map(codeOf)
    expect((await Promise.all(both)).sort()).toEqual(['NODE_SIGNATURE', 'true'])
    // Whatever the index has forgotten meanwhile.
    index.entries.clear()
    expect(await codeOf(b.accept(header, TARGET))).toBe('NODE_SIGNATURE')
  })

  test('is not done while nobody can tell whether another node does it', async () => {
    const header = await sign()
    index.down = true
    expect(await codeOf(balancerOf('b').accept(header, TARGET))).toBe('false')
  })
})
