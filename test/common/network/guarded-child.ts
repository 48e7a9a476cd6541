/**
 * Runs in a child process under guardProcess: each message names a way out to try, the answer how
 * it went.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import net, { type LookupFunction } from 'node:net'
import tls from 'node:tls'
import { createAddressRules } from '../../../common/network/address-rules.ts'
import { guardProcess } from '../../../common/network/process-guard.ts'

guardProcess(createAddressRules(process.argv.slice(2)))

const require = createRequire(import.meta.url)
const DATA = Buffer.from('data')

/** Resolves when connected, throws the error of the socket. */
async function settle(socket: net.Socket | http.ClientRequest, event: string): Promise<void> {
  try {
    await once(socket, event)
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

/** Sends with one of node's signatures, and waits for the callback. */
async function datagram(send: (socket: dgram.Socket, done: Done) => void): Promise<void> {
  const socket = dgram.createSocket('udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      send(socket, (error) => (error ? reject(error) : resolve()))
    })
  } finally {
    socket.close()
  }
}
type Done = (error: Error | null) => void

/** A name that resolves to another address each time. */
function changing(...answers: string[]): LookupFunction {
  return (_hostname, options, callback) => {
    const address = answers.shift() ?? '127.0.0.1'
    if (options.all) callback(null, [{ address, family: 4 }])
    else callback(null, address, 4)
  }
}
const several =
  (...addresses: string[]): LookupFunction =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    )

async function writeBeforeConnect(host: string, port: number): Promise<void> {
  const socket = net.connect(port, host)
  socket.write('early')
  await settle(socket, 'connect')
}

/** Without an error listener or callback: nothing may be thrown in the process. */
async function unheard(host: string, port: number): Promise<void> {
  const socket = dgram.createSocket('udp4')
  socket.send(DATA, port, host)
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.close()
}

async function closedMeanwhile(host: string, port: number): Promise<void> {
  const socket = dgram.createSocket('udp4')
  const done = new Promise<void>((resolve, reject) => {
    socket.send(DATA, port, host, (error) => (error ? reject(error) : resolve()))
  })
  socket.close()
  await done
}

async function errorEvent(host: string, port: number): Promise<void> {
  const socket = dgram.createSocket('udp4')
  socket.send(DATA, port, host)
  const [error] = await once(socket, 'error')
  socket.close()
  throw error
}

async function webSocket(host: string, port: number): Promise<void> {
  const WebSocketOfWs = require('ws')
  const socket = new WebSocketOfWs(`ws://${host}:${port}/`)
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  socket.terminate()
}

const ways: Record<string, (host: string, port: number) => Promise<unknown>> = {
  'net port, host': (host, port) => settle(net.connect(port, host), 'connect'),
  'net options': (host, port) => settle(net.connect({ host, port }), 'connect'),
  'net text port': (host, port) =>
    settle(new net.Socket().connect(`${port}` as unknown as number, host), 'connect'),
  'new Socket': (host, port) => settle(new net.Socket().connect({ host, port }), 'connect'),
  'net one family': (host, port) =>
    settle(net.connect({ host, port, family: 4, autoSelectFamily: false }), 'connect'),
  'net any family': (host, port) =>
    settle(net.connect({ host, port, autoSelectFamily: true }), 'connect'),
  'net early write': writeBeforeConnect,
  'net no host': (_host, port) => settle(net.connect(port), 'connect'),
  tls: (host, port) => settle(tls.connect({ host, port }), 'secureConnect'),
  http: (host, port) => settle(http.get({ host, port }), 'response'),
  https: (host, port) => settle(https.get({ host, port }), 'response'),
  fetch: async (host, port) => (await fetch(`http://${host}:${port}/`)).text(),
  redirect: async (host, port) => (await fetch(`http://${host}:${port}/away`)).text(),
  ws: webSocket,
  'udp short': (host, port) => datagram((s, done) => s.send(DATA, port, host, done)),
  'udp long': (host, port) => datagram((s, done) => s.send(DATA, 0, 4, port, host, done)),
  'udp list': (host, port) => datagram((s, done) => s.send([DATA, DATA], port, host, done)),
  'udp no host': (_host, port) => datagram((s, done) => s.send(DATA, port, done)),
  'udp connect': (host, port) =>
    datagram((s, done) =>
      s.connect(port, host, ((error?: Error) => {
        if (error) done(error)
        else s.send(DATA, 0, 4, done)
      }) as () => void),
    ),
  'udp bad host': (_host, port) =>
    datagram((s, done) => s.send(DATA, port, 5 as unknown as string, done)),
  'udp unheard': unheard,
  'udp closed meanwhile': closedMeanwhile,
  'udp error event': errorEvent,
  pipe: (path) => settle(net.connect(path), 'connect'),
  'pipe options': (path) => settle(net.connect({ path }), 'connect'),
  // A check and a later connect would see different addresses of this name.
  'changing, public first': (_host, port) =>
    settle(
      net.connect({ host: 'a.test', port, lookup: changing('127.0.0.1', '10.0.0.1') }),
      'connect',
    ),
  'several, one refused': (_host, port) =>
    settle(
      net.connect({
        host: 'a.test',
        port,
        autoSelectFamily: true,
        lookup: several('127.0.0.1', '10.0.0.1'),
      }),
      'connect',
    ),
  'several, none refused': (_host, port) =>
    settle(
      net.connect({ host: 'a.test', port, lookup: several('127.0.0.1', '127.0.0.1') }),
      'connect',
    ),
  'no such name': (_host, port) =>
    settle(
      net.connect({ host: 'a.test', port, lookup: (_h, _o, cb) => cb(new Error('none'), '', 0) }),
      'connect',
    ),
}

const codeOf = (thrown: unknown): string => {
  const error = thrown as { code?: string; message?: string; cause?: unknown }
  return error.code ?? (error.cause ? codeOf(error.cause) : String(error.message))
}

interface Order {
  readonly id: number
  readonly way: string
  readonly host: string
  readonly port: number
}

const answer = (id: number, outcome: string): void => {
  process.send?.({ id, outcome })
}

process.on('message', ({ id, way, host, port }: Order) => {
  const go = ways[way] ?? (() => Promise.reject(new Error(`no way ${way}`)))
  Promise.resolve()
    .then(() => go(host, port))
    .then(
      () => answer(id, 'out'),
      (thrown) => answer(id, codeOf(thrown)),
    )
})
process.on('uncaughtException', (error) => answer(-1, String(error)))
process.on('disconnect', () => process.exit(0))
