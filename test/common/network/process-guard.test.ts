import { type ChildProcess, fork } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'

const CHILD = fileURLToPath(new URL('./guarded-child.ts', import.meta.url))

let reached = 0
let sentAway = 0
const tcp = http.createServer((req, res) => {
  if (req.url === '/away') {
    sentAway++
    res.writeHead(302, { location: 'http://127.0.0.2:8888/' })
  }
  res.end('body')
})
tcp.on('connection', () => reached++)
tcp.on('upgrade', (_req, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
const udp = dgram.createSocket('udp4')
udp.on('message', () => reached++)
const pipe = net.createServer((socket) => socket.end())
let folder = ''
let ports = { tcp: 0, udp: 0 }

interface Guarded {
  readonly process: ChildProcess
  readonly uncaught: string[]
  /** `out`, or the code of the error. */
  go(way: string, host?: string, port?: number): Promise<string>
}

function guarded(...allow: string[]): Guarded {
  const child = fork(CHILD, allow, { execArgv: ['--no-warnings'] })
  const waiting = new Map<number, (outcome: string) => void>()
  const uncaught: string[] = []
  child.on('message', ({ id, outcome }: { id: number; outcome: string }) => {
    if (id < 0) uncaught.push(outcome)
    waiting.get(id)?.(outcome)
  })
  let id = 0
  return {
    process: child,
    uncaught,
    go(way, host = '127.0.0.1', port = way.startsWith('udp') ? ports.udp : ports.tcp) {
      id++
      child.send({ id, way, host, port })
      return new Promise((resolve) => waiting.set(id, resolve))
    },
  }
}

/** The child may report a connection before this process has seen it. */
async function arrived(count: number): Promise<number> {
  for (let i = 0; i < 1500 && reached < count; i++) await new Promise((r) => setTimeout(r, 10))
  return reached
}

let strict: Guarded
let open: Guarded

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guard-'))
  tcp.listen(0, '127.0.0.1')
  udp.bind(0, '127.0.0.1')
  pipe.listen(join(folder, 'pipe'))
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening'), once(pipe, 'listening')])
  ports = { tcp: (tcp.address() as AddressInfo).port, udp: udp.address().port }
  strict = guarded()
  open = guarded(`127.0.0.1/32:${ports.tcp}`, `127.0.0.1/32:${ports.udp}`, `[::1]:${ports.tcp}`)
})

afterAll(async () => {
  for (const { process } of [strict, open]) {
    process.disconnect()
    await once(process, 'exit')
  }
  tcp.closeAllConnections()
  for (const server of [tcp, udp, pipe]) server.close()
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  reached = 0
})

const TCP = [
  'net port, host',
  'net options',
  'net text port',
  'new Socket',
  'net one family',
  'net any family',
  'net early write',
  'net no host',
  'http',
  'fetch',
]
const UDP = ['udp short', 'udp long', 'udp list', 'udp no host', 'udp connect']

describe('without an allowed address', () => {
  test.each([...TCP, ...UDP, 'tls', 'https', 'ws', 'redirect', 'udp error event'])(
    '%s is refused by address and by name',
    async (way) => {
      expect(await strict.go(way, '127.0.0.1')).toBe('EACCES')
      expect(await strict.go(way, 'localhost')).toBe('EACCES')
      expect([reached, strict.uncaught]).toEqual([0, []])
    },
  )

  test.each(['127.1', '2130706433', '0x7f.1', '::ffff:127.0.0.1', '::1', '0.0.0.0'])(
    '%s is refused in any way',
    async (host) => {
      expect(await strict.go('net options', host)).toBe('EACCES')
      expect(await strict.go('udp short', host)).toBe('EACCES')
      expect(reached).toBe(0)
    },
  )

  test('a refused datagram without a callback is dropped silently', async () => {
    expect(await strict.go('udp unheard', '127.0.0.1')).toBe('out')
    expect(await strict.go('udp unheard', 'localhost')).toBe('out')
    expect([reached, strict.uncaught]).toEqual([0, []])
  })

  test('multicast, as local discovery sends it, is refused', async () => {
    expect(await strict.go('udp short', '239.192.152.143', 6771)).toBe('EACCES')
  })

  test.each(['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254'])(
    'what clouds serve at %s is refused, also where a range opens it',
    async (host) => {
      const wide = guarded('0.0.0.0/0', '::/0')
      for (const one of [strict, wide]) {
        expect(await one.go('net options', host, 80)).toBe('EACCES')
        expect(await one.go('http', host, 80)).toBe('EACCES')
        expect(await one.go('udp short', host, 80)).toBe('EACCES')
      }
      wide.process.disconnect()
      await once(wide.process, 'exit')
    },
  )

  test('pipes are not affected', async () => {
    expect(await strict.go('pipe', join(folder, 'pipe'))).toBe('out')
    expect(await strict.go('pipe options', join(folder, 'pipe'))).toBe('out')
    expect(await strict.go('pipe', join(folder, 'none'))).toBe('ENOENT')
  })
})

describe('with an allowed address and port', () => {
  test.each([...TCP, ...UDP])('%s gets out by address and by name', async (way) => {
    expect(await open.go(way, '127.0.0.1')).toBe('out')
    expect(await open.go(way, 'localhost')).toBe('out')
    expect([await arrived(2), open.uncaught]).toEqual([2, []])
  })

  test('tls and ws get as far as the server’s refusal', async () => {
    expect(await open.go('tls')).not.toBe('EACCES')
    expect(await open.go('ws')).toMatch(/Unexpected server response: 400/)
    expect(await arrived(2)).toBe(2)
  })

  test('another port and the target of a redirect stay refused', async () => {
    expect(await open.go('net options', '127.0.0.1', 1)).toBe('EACCES')
    expect(await open.go('udp short', '127.0.0.1', 1)).toBe('EACCES')
    expect([await open.go('redirect'), sentAway]).toEqual(['EACCES', 1])
  })

  test('a name is looked up once, and all its addresses are checked', async () => {
    expect(await open.go('changing, public first')).toBe('out')
    expect(await open.go('several, none refused')).toBe('out')
    expect(await arrived(2)).toBe(2)
    expect(await open.go('several, one refused')).toBe('EACCES')
    expect(await open.go('no such name')).toBe('none')
    expect(reached).toBe(2)
  })

  test('bad arguments give node’s own errors, and a socket closed meanwhile throws nothing', async () => {
    expect(await open.go('udp bad host')).toBe('ERR_INVALID_ARG_TYPE')
    expect(await open.go('udp closed meanwhile', 'localhost')).toBe('ERR_SOCKET_DGRAM_NOT_RUNNING')
    expect(await open.go('net options', '127.0.0.1', 70_000)).toBe('ERR_SOCKET_BAD_PORT')
    expect(open.uncaught).toEqual([])
  })
})
