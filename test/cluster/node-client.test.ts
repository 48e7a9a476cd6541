import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type NodeAnswer, wholeAnswer } from '../../cluster/node-body.ts'
import { NodeClient } from '../../cluster/node-client.ts'
import { NodeUnreachable } from '../../cluster/node-refusal.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import { HANDED_HEADER, Signatures } from '../../cluster/signature.ts'
import { fileKey } from '../../common/bittorrent/file-key.ts'
import { systemClock } from '../../common/clock.ts'
import type { Fault } from '../../common/errors.ts'
import { closeServer, listen } from '../support/server/listening.ts'
import { eventually } from '../support/wait.ts'

const tooLong = (): Error => new Error('too long')
const KEY = fileKey('ab'.repeat(20), 2)
const secret = 'only-of-tests-0123456789-abcdefghij'
const signatures = (node: string): Signatures =>
  new Signatures({ secret, node, clock: systemClock })

let answer: (req: IncomingMessage, res: ServerResponse) => void
let server: Server
let node: ClusterNode
let client: NodeClient
let marks: string[]
/** What came, signatures checked. */
let came: string[]
let healthAsked: number

beforeEach(async () => {
  marks = []
  came = []
  healthAsked = 0
  const receiver = signatures('b')
  server = createServer((req, res) => {
    if (req.url === '/health') {
      healthAsked++
      return void res.end()
    }
    const { method = '', url: target = '' } = req
    const signed = { method, target, range: req.headers.range ?? '' }
    came.push(receiver.verify(String(req.headers[HANDED_HEADER]), signed).viewer)
    answer(req, res)
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  node = { ...{ node: 'b', url, version: '1', draining: false, freeBytes: 1, isSelf: false } }
  const nodes = {
    markUnreachable: () => void marks.push('unreachable'),
    markReached: () => void marks.push('reached'),
    markMisfit: (_node: unknown, { code }: Fault) => void marks.push(code),
    goneSignal: () => new AbortController().signal,
  }
  const timing = { silentMs: 40, probeMs: 100 }
  client = new NodeClient(signatures('a'), nodes, systemClock, timing)
})
afterEach(async () => {
  client.close()
  await closeServer(server)
})

const ask = (more: { indexed?: boolean } = {}): Promise<NodeAnswer> =>
  client.ask(node, {
    ...{ method: 'GET', target: '/play/movie/tt1/0', range: { from: 5 }, viewer: '10.0.0.9' },
    ...{ key: KEY, signal: new AbortController().signal, timeoutMs: 20_000 },
    ...more,
  })
const textOf = async (answer: NodeAnswer): Promise<string> =>
  (await wholeAnswer(answer, 1000, tooLong)).toString()
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  )

test('who waits for a piece is silent, and there: nothing happens to the play', async () => {
  let end = (): void => {}
  answer = (_req, res) => {
    res.setHeader('content-length', 12).write('begun, ')
    end = () => void res.end('ended')
  }
  const body = await ask()
  const text = textOf(body)
  await eventually('asked whether it is there, twice', () => healthAsked >= 2)
  end()
  expect(await text).toBe('begun, ended')
  expect(marks).toEqual(['reached'])
})

test('a line where nothing comes and nobody answers ends the play on it, before and after its headers', async () => {
  server.removeAllListeners('request')
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    if (req.url !== '/health' && begins) res.setHeader('content-length', 12).write('begun')
  })
  let begins = true
  const body = await ask()
  expect(await failure(textOf(body))).toHaveProperty('message', 'no line')
  expect(marks).toEqual(['reached', 'unreachable'])
  begins = false
  expect(await failure(ask())).toBeInstanceOf(NodeUnreachable)
})

test('who is said to have the file, and says no, is not asked for it again', async () => {
  answer = (_req, res) => {
    const text = '{"error":{"code":"ANOTHER_NODE","message":"no"}}'
    res.writeHead(421, { 'content-length': text.length }).end(text)
  }
  expect(client.saidNo('b', KEY)).toBe(false)
  expect(await failure(ask())).toMatchObject({ code: 'ANOTHER_NODE' })
  expect(client.saidNo('b', KEY)).toBe(false)
  expect(await failure(ask({ indexed: true }))).toMatchObject({ code: 'ANOTHER_NODE' })
  expect([client.saidNo('b', KEY), client.saidNo('c', KEY)]).toEqual([true, false])
})

test.each(['NODE_SIGNATURE', 'NODE_CLOCK'])(
  'who refuses what is handed to it (%s) is one that cannot be reached',
  async (code) => {
    answer = (_req, res) => {
      const text = JSON.stringify({ error: { code, message: 'set it right' } })
      res.writeHead(401, { 'content-length': text.length }).end(text)
    }
    expect(await failure(ask({ indexed: true }))).toBeInstanceOf(NodeUnreachable)
    expect(marks).toEqual([code])
    expect(client.saidNo('b', KEY)).toBe(false)
  },
)

test.each([
  ['a page that was not found', '<h1>404</h1>', ['unreachable']],
  ['a fault of a later version', '{"error":{"code":"LATER","message":"no"}}', []],
])('an answer that is none of ours: %s', async (_name, text, expected) => {
  answer = (_req, res) => void res.writeHead(404, { 'content-length': text.length }).end(text)
  expect(await failure(ask())).toBeInstanceOf(NodeUnreachable)
  expect(marks).toEqual(expected)
})
