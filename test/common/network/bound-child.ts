/**
 * Runs in a child process under bindProcess, by 127.0.0.5 alone: each message names a way out to try, the
 * answer how it went.
 */
import dgram from 'node:dgram'
import dns from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import net, { type LookupFunction } from 'node:net'
import { createAddressRules } from '../../../common/network/address-rules.ts'
import { bindProcess } from '../../../common/network/process-binding.ts'
import { guardProcess } from '../../../common/network/process-guard.ts'

const lookup: LookupFunction = (name, _options, callback) => {
  if (net.isIP(name) !== 0) callback(null, [{ address: name, family: net.isIP(name) }])
  else if (name === 'six.test') callback(null, [{ address: '::1', family: 6 }])
  else if (name === 'gone.test') callback(new Error('no address'), '', 0)
  else
    callback(null, [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ])
}
bindProcess({ four: '127.0.0.5', six: undefined }, lookup, { host: '239.1.2.3', port: 6799 })
guardProcess(createAddressRules(['127.0.0.0/8', '::1']))

async function settle(socket: net.Socket | http.ClientRequest, event: string): Promise<string> {
  try {
    await once(socket, event)
    return 'out'
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

async function early(host: string, port: number): Promise<string> {
  const socket = net.connect(port, host)
  socket.write('GET / HTTP/1.0\r\n\r\n')
  const [bytes] = await once(socket, 'data')
  socket.destroy()
  return String(bytes).slice(0, 8)
}

async function datagram(type: 'udp4' | 'udp6', host: string, port: number): Promise<string> {
  const socket = dgram.createSocket(type)
  const failed = once(socket, 'error').then(([error]) => Promise.reject(error))
  const sent = new Promise((resolve, reject) => {
    socket.send('data', port, host, (error) => (error ? reject(error) : resolve('out')))
  })
  try {
    await Promise.race([sent, failed])
    return socket.address().address
  } finally {
    failed.catch(() => {})
    socket.close()
  }
}

async function listener(options: object | number): Promise<string> {
  const server = net.createServer()
  server.listen(options as net.ListenOptions)
  await once(server, 'listening')
  const { address } = server.address() as net.AddressInfo
  server.close()
  return address
}

async function bound(options: dgram.BindOptions): Promise<string> {
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  socket.bind(options)
  await once(socket, 'listening')
  const { address } = socket.address()
  socket.close()
  return address
}

const ways: Record<string, (host: string, port: number) => Promise<string>> = {
  net: (host, port) => settle(net.connect(port, host), 'connect'),
  'net options': (host, port) =>
    settle(net.connect({ host, port, localAddress: '127.0.0.7' }), 'connect'),
  'net any family': (host, port) =>
    settle(net.connect({ host, port, autoSelectFamily: true }), 'connect'),
  'net callback': (host, port) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, host, () => resolve('out'))
      socket.on('error', reject)
      socket.unref()
    }),
  'net early write': early,
  http: (host, port) => settle(http.get({ host, port }), 'response'),
  fetch: async (host, port) => (await fetch(`http://${host}:${port}/`)).text(),
  'destroyed at once': async (host, port) => {
    const socket = net.connect(port, host)
    socket.destroy()
    await once(socket, 'close')
    return 'closed'
  },
  udp4: (host, port) => datagram('udp4', host, port),
  udp6: (host, port) => datagram('udp6', host, port),
  listen: () => listener(0),
  'listen everywhere': () => listener({ port: 0, host: '0.0.0.0' }),
  'listen near': () => listener({ port: 0, host: '127.0.0.1' }),
  'bind everywhere': () => bound({ port: 0, address: '0.0.0.0' }),
  'bind the group': () => bound({ port: 6799 }),
  lookup: (host) =>
    new Promise((resolve, reject) => {
      dns.lookup(host, (error, address) => (error ? reject(error) : resolve(address)))
    }),
}

process.on('message', ({ id, way, host, port }: Record<string, never>) => {
  const go = ways[way ?? ''] ?? (() => Promise.reject(new Error(`no way ${way}`)))
  go(host ?? '', port ?? 0).then(
    (outcome) => process.send?.({ id, outcome }),
    (error) => process.send?.({ id, outcome: error.cause?.code ?? error.code ?? error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
