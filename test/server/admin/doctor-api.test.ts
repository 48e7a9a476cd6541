import { afterEach, expect, test } from '@jest/globals'
import type { Finding } from '../../../doctor/finding.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

const [DISK, REDIS]: [Finding, Finding] = [
  { name: 'CACHE_DIR', state: 'ok', text: 'can be written' },
  { name: 'redis', state: 'fault', text: 'cannot be used', todo: 'Start it.' },
]

interface Running {
  readonly signal: AbortSignal
  tell(findings: readonly Finding[]): void
  end(findings: readonly Finding[]): void
}

let server: TestServer
let looks: Running[] = []
afterEach(() => {
  server.stop()
  looks = []
})

/** Each look goes on until the test ends it, or its signal fires. */
async function start(config = {}): Promise<void> {
  server = await startServer({
    config,
    examine({ signal, tell, ownPort }) {
      expect(ownPort).toBe(server.port)
      const { promise, resolve, reject } = Promise.withResolvers<readonly Finding[]>()
      signal.addEventListener('abort', () => reject(signal.reason))
      looks.push({ signal, tell, end: resolve })
      return promise
    },
  })
}

interface Listener {
  readonly status: number
  /** The next line. */
  line(): Promise<unknown>
  leave(): void
}

async function listen(body = '{}'): Promise<Listener> {
  const gone = new AbortController()
  const answer = await fetch(`http://127.0.0.1:${server.port}/api/doctor`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    signal: gone.signal,
    body,
  })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    status: answer.status,
    async line() {
      while (!text.includes('\n')) {
        const { done = true, value = '' } = (await reader?.read()) ?? {}
        if (done) return undefined
        text += value
      }
      const [first = ''] = text.split('\n', 1)
      text = text.slice(first.length + 1)
      return JSON.parse(first)
    },
    leave: () => gone.abort(),
  }
}

const [first, second] = [() => looks[0] as Running, () => looks[1] as Running]

test('tells each thing as it is found, and at the end whether all is well', async () => {
  await start()
  const listener = await listen()
  first().tell([DISK])
  expect(await listener.line()).toEqual(DISK)
  first().tell([REDIS])
  expect(await listener.line()).toEqual(REDIS)
  first().end([DISK, REDIS])
  expect(await listener.line()).toEqual({ end: 'done', ok: false })
  expect(await listener.line()).toBeUndefined()
})

test('who comes later joins, from the first finding on; the next look is a new one', async () => {
  await start()
  const early = await listen()
  first().tell([DISK])
  const late = await listen()
  expect(await late.line()).toEqual(DISK)
  expect(looks.length).toBe(1)
  first().end([DISK])
  await early.line()
  for (const one of [early, late]) expect(await one.line()).toEqual({ end: 'done', ok: true })
  const next = await listen()
  second().end([])
  expect(await next.line()).toEqual({ end: 'done', ok: true })
})

test('goes on while anybody listens, and ends when the last one has left', async () => {
  await start()
  const [one, other] = [await listen(), await listen()]
  const ended = new Promise((resolve) => first().signal.addEventListener('abort', resolve))
  one.leave()
  first().tell([DISK])
  expect(await other.line()).toEqual(DISK)
  expect(first().signal.aborted).toBe(false)
  other.leave()
  await ended
  const next = await listen()
  expect(looks.length).toBe(2)
  second().end([])
  expect(await next.line()).toEqual({ end: 'done', ok: true })
})

test('a server that stops says so, and begins no other', async () => {
  await start()
  const listener = await listen()
  first().tell([DISK])
  await listener.line()
  void server.drain()
  expect(await listener.line()).toEqual({ end: 'draining' })
  expect(first().signal.aborted).toBe(true)
})

test('is for administrators, and takes an empty object only', async () => {
  await start({ adminToken: 'correct-horse-battery-staple' })
  expect((await listen()).status).toBe(401)
  server.stop()
  await start()
  expect((await listen('{"all":true}')).status).toBe(400)
  expect((await listen('')).status).toBe(400)
  expect((await ask(server.port, '/api/doctor')).status).toBe(404)
  expect(looks).toEqual([])
})
