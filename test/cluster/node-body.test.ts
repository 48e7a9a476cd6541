import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import http, { type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { NetConnectOpts } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type NodeAnswer, NodeConnection, wholeAnswer } from '../../cluster/node-body.ts'
import { seededRandom } from '../common/seeded-random.ts'
import { closeServer, listen } from '../support/server/listening.ts'
import { eventually } from '../support/wait.ts'

const FILM = Buffer.alloc(3_000_000)
for (let i = 0; i < FILM.length; i++) FILM[i] = (i * 7) % 251
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Of 127.0.0.1, for a day. */
function certificate(): { readonly key: string; readonly cert: string } {
  const made = execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', '1', '-subj', '/CN=node', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', '-', '-out', '-'],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  return { key: made, cert: made }
}

let server: Server
afterEach(() => closeServer(server))

async function ask(answering: RequestListener, secure = false): Promise<NodeAnswer> {
  const pair = secure ? certificate() : undefined
  server = pair ? https.createServer(pair, answering) : http.createServer(answering)
  const port = await listen(server)
  const { promise, resolve, reject } = Promise.withResolvers<NodeAnswer>()
  let connection: NodeConnection | undefined
  const createConnection = (options: object) => {
    connection = new NodeConnection(
      { ...(options as NetConnectOpts), ...(pair && { ca: pair.cert }) },
      secure,
    )
    return connection.socket
  }
  const { request } = secure ? https : http
  const asked = request({ host: '127.0.0.1', port, createConnection })
  asked.once('response', (message) => {
    try {
      if (connection) resolve(connection.answer(message))
    } catch (error) {
      asked.destroy(error as Error)
    }
  })
  asked.on('error', reject)
  asked.end()
  return promise
}

const film: RequestListener = (_req, res) =>
  void res.setHeader('content-length', FILM.length).end(FILM)
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (e: Error) => e.message,
  )

describe.each([
  ['http', false],
  ['https', true],
])('by %s', (_, secure) => {
  test('every byte comes once and in order, into buffers of any size, by readers of any pace', async () => {
    const { body, length, status } = await ask(film, secure)
    expect([status, length]).toEqual([200, FILM.length])
    const random = seededRandom()
    const got: Buffer[] = []
    for (;;) {
      const into = Buffer.alloc(1 + random.below(300_000))
      const read = await body.read(into)
      if (read === 0) break
      got.push(into.subarray(0, read))
      if (random.below(5) === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect({ seed: random.seed, sha: sha(Buffer.concat(got)) }).toEqual({
      seed: random.seed,
      sha: sha(FILM),
    })
  })
})

test('two that are read in turns keep their own bytes', async () => {
  const first = await ask((req, res) => film(req, res))
  const one = first.body
  const before = server
  const two = await ask(
    (_req, res) =>
      void res.setHeader('content-length', FILM.length).end(Buffer.alloc(FILM.length, 9)),
  )
  const got: Buffer[] = []
  for (let at = 0; at < FILM.length; ) {
    const [a, b] = [Buffer.alloc(50_000), Buffer.alloc(50_000)]
    const [read, other] = await Promise.all([one.read(a), two.body.read(b)])
    got.push(a.subarray(0, read))
    expect(b.subarray(0, other).every((byte) => byte === 9)).toBe(true)
    at += read
  }
  expect(sha(Buffer.concat(got))).toBe(sha(FILM))
  two.body.close()
  await closeServer(before)
})

test('who reads nothing is sent nothing but what the system holds', async () => {
  let written = 0
  const { body } = await ask((_req, res) => {
    res.setHeader('content-length', 2 ** 40)
    const more = (): void => {
      while (res.write(FILM)) written += FILM.length
      written += FILM.length
      res.once('drain', more)
    }
    more()
  })
  const into = Buffer.alloc(1000)
  await body.read(into)
  let before = -1
  await eventually('the other node waits', () => {
    const waits = written === before
    before = written
    return waits
  })
  expect(written).toBeLessThan(30 * FILM.length)
  body.close()
})

test('one that breaks off fails the read that waits, and the next; what came before is read first', async () => {
  const { body } = await ask((_req, res) => {
    res.setHeader('content-length', 100)
    res.write('begun', () => res.destroy())
  })
  const into = Buffer.alloc(100)
  expect(into.toString('utf8', 0, await body.read(into))).toBe('begun')
  expect(await failure(body.read(into))).not.toBe('none')
  expect(await failure(body.read(into))).not.toBe('none')
})

test('close ends a read that waits, and the answer at the other node', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const { body } = await ask((_req, res) => {
    res.once('close', resolve)
    res.setHeader('content-length', 100).flushHeaders()
  })
  const reading = failure(body.read(Buffer.alloc(10)))
  body.close()
  expect(await reading).toBe('read after close')
  await gone
})

test.each<[string, RequestListener]>([
  ['without a length', (_req, res) => void res.write('x')],
  [
    'with two',
    (req) =>
      void req.socket.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd',
      ),
  ],
  ['that is no HTTP', (req) => void req.socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
])('an answer %s is none', async (_, answering) => {
  expect(await failure(ask(answering))).not.toBe('none')
})

test('what is more than it may be is not read; what follows the length is not of it', async () => {
  const tooLong = (): Error => new Error('too long')
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const long = await ask((_req, res) => {
    res.once('close', resolve)
    res.setHeader('content-length', 100).write('x')
  })
  expect(await failure(wholeAnswer(long, 99, tooLong))).toBe('too long')
  await gone
  await closeServer(server)
  const more = await ask(
    (req) => void req.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef'),
  )
  expect((await wholeAnswer(more, 99, tooLong)).toString()).toBe('abc')
})
