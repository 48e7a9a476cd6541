import { connect, type Socket } from 'node:net'
import { ask, begin } from '../server/request.ts'
import { playMovie, streamsOf } from '../titles.ts'
import { sleep } from '../wait.ts'
import { FRONTS } from './foreign-services.ts'
import { DEAD, LARGE, LOST, SUBTITLED } from './strangers-stage.ts'

export interface Target {
  readonly port: number
  /** The hostile client's own address, of 127.0.0.0/8. */
  readonly from: string
  /** Told of every answer: its status, or `cut` where the connection ended without one. */
  readonly told: (outcome: string) => void
}

/** Goes on until it is told to stop, and has then ended what it opened. Never rejects. */
export type Attack = (target: Target, stop: AbortSignal) => Promise<void>

/** Ids that no attack has asked for before: what is known costs less. */
let last = 0
const fresh = (front: string): string => `${front}${String(++last).padStart(5, '0')}`

const baseOf = ({ port }: Target): string => `http://127.0.0.1:${port}`

/** So many clients, each of which asks again as soon as it has its answer. */
function again(
  clients: number,
  request: () => { path: string; headers?: Readonly<Record<string, string>> },
): Attack {
  return async (target, stop) => {
    const client = async (): Promise<void> => {
      while (!stop.aborted) {
        const { path, headers = {} } = request()
        const how = { from: target.from, headers }
        const answer = await ask(baseOf(target) + path, how).catch(() => undefined)
        target.told(answer ? String(answer.status) : 'cut')
        await sleep(5)
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
  }
}

/** The requests in one breath, nothing read; again when the server has cut that, or a second later. */
function unread(text: string, connections = 1): Attack {
  return async (target, stop) => {
    const sockets = new Set<Socket>()
    const open = (): void => {
      const socket = connect({ port: target.port, host: '127.0.0.1', localAddress: target.from })
      socket.pause().on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        target.told('cut')
      })
      socket.write(text)
      sockets.add(socket)
    }
    for (let turn = 0; !stop.aborted; turn++) {
      while (sockets.size < connections) open()
      await sleep(50)
      if (turn % 20 === 19) for (const socket of sockets) socket.destroy()
    }
    for (const socket of sockets) socket.destroy()
  }
}

/** Each on a connection of its own, which is left when an answer has come or a moment later. */
function oneByOne(texts: readonly string[]): Attack {
  const next = turns(texts)
  return async (target, stop) => {
    while (!stop.aborted) {
      const socket = connect({ port: target.port, host: '127.0.0.1', localAddress: target.from })
      socket.on('error', () => {})
      const answered = new Promise<string>((resolve) => {
        socket.once('data', (chunk) => resolve(chunk.toString('latin1').slice(9, 12)))
        socket.once('close', () => resolve('cut'))
      })
      socket.write(next())
      target.told(await Promise.race([answered, sleep(200, 'silent')]))
      socket.destroy()
    }
  }
}

/** Opens as many, and takes nothing of what comes. */
function holding(paths: readonly string[]): Attack {
  return async (target, stop) => {
    const client = async (path: string): Promise<void> => {
      while (!stop.aborted) {
        const how = { from: target.from, timeout: 600_000 }
        const stream = await begin(baseOf(target) + path, how).catch(() => undefined)
        target.told(stream ? String(stream.status) : 'cut')
        if (stream?.status === 200) await untilStopped(stop)
        stream?.leave()
        await sleep(20)
      }
    }
    await Promise.all(paths.map(client))
  }
}

const untilStopped = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })

const pipelined = (path: string, count: number): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(count)
const lists = (count: number): string =>
  Array.from({ length: count }, () => pipelined(streamsOf(fresh(FRONTS.honest)), 1)).join('')

/** Takes turns with the members. */
function turns<T>(members: readonly T[]): () => T {
  let turn = 0
  return () => members[turn++ % members.length] as T
}
const play = (ids: readonly string[], headers = {}) => {
  const next = turns(ids)
  return () => ({ path: playMovie(next()), headers })
}

const LONG_HEADERS = [
  { Range: `bytes=x${' '.repeat(15_000)}x` },
  { 'X-Forwarded-Prefix': '/'.repeat(15_000) },
  { 'If-None-Match': `${'W/"a",'.repeat(2_500)}` },
  { Accept: 'a;q='.repeat(3_700) },
  { 'X-Forwarded-For': '1,'.repeat(7_400) },
  { 'If-Range': `"${'\\"'.repeat(7_400)}` },
  { 'Accept-Language': `en${'-x'.repeat(7_400)}` },
]
const ODD_REQUESTS = [
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  'POST /api/cache-config HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n{',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n',
  'GET /play/movie/tt9300000/0%00 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /play/movie/..%2f..%2fetc/0 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /stream/movie/tt9300000.json?x=%ff HTTP/1.1\r\nHost: [::1\r\n\r\n',
  'GET /half HTTP/1.1\r\nHost: a\r\nX',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
]
const nextHeaders = turns(LONG_HEADERS)

/** What strangers once did to the server, by the kind of what they sent. */
export const attacks: Readonly<Record<string, Attack>> = {
  '1 hostile names': again(4, () => ({ path: streamsOf(fresh(FRONTS.hostileNames)) })),
  '2 2,000 lists unread': unread(lists(2000)),
  '2 10,000 lists unread': unread(lists(10_000)),
  '2 20,000 metrics unread': unread(pipelined('/metrics', 20_000)),
  '3 hostile headers': again(4, () => ({
    path: playMovie(SUBTITLED),
    headers: nextHeaders(),
  })),
  '4 75 titles at once': again(75, () => ({ path: streamsOf(fresh(FRONTS.honest)) })),
  '4 1,000 titles at once': again(1000, () => ({ path: streamsOf(fresh(FRONTS.honest)) })),
  '5a dead magnets': again(DEAD.length, play(DEAD)),
  '5b one byte of large films': again(5, play(LARGE, { Range: 'bytes=0-0' })),
  '5b dead .torrents': again(LOST.length, play(LOST)),
  '5c idle readers': holding(LARGE.map((id) => playMovie(id))),
  '5d many lists': again(4, () => ({ path: streamsOf(fresh(FRONTS.honest)) })),
  '5e live pages': holding(Array(32).fill('/api/live')),
  '5e connections': unread('', 300),
  '5e odd requests': oneByOne(ODD_REQUESTS),
  '6 large lists': again(4, () => ({ path: streamsOf(fresh(FRONTS.largeList)) })),
}

/** Runs the named ones beside each other until all have stopped. */
export async function attack(
  names: readonly string[],
  target: Target,
  stop: AbortSignal,
): Promise<void> {
  await Promise.all(names.map((name) => attacks[name]?.(target, stop)))
}
