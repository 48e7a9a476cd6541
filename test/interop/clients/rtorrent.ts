import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { startProgram, versionOf } from '../../support/clients/program.ts'
import { eventually } from '../../support/wait.ts'
import type { Client, Order } from './client.ts'

export const rtorrent: Client = {
  name: 'rTorrent',
  version: () => versionOf(['rtorrent', '-h'], /client version ([\d.]*\d)/),
  lacks: { utp: 'has none', ipv6: 'Debian’s listens by IPv4 only' },
  start: async (order) => {
    const socket = join(order.home, 'rpc')
    mkdirSync(join(order.home, 'session'), { recursive: true })
    writeFileSync(join(order.home, 'settings'), settings(order, socket))
    const command = ['rtorrent', '-n', '-o', `import=${join(order.home, 'settings')}`]
    const program = startProgram([...order.inside, ...command], order.home)
    const call = (method: string, ...params: readonly string[]) => xmlRpc(socket, method, params)
    await eventually(
      'an answer of rTorrent',
      () => call('system.pid').catch(() => undefined),
      30_000,
      program.log,
    )
    await program.listensAt(order.port)
    const more = order.isSuperSeeding ? ['d.connection_seed.set=initial_seed'] : []
    await call('load.start', '', order.torrent, ...more)
    return {
      ...program,
      progress: async () => {
        const number = async (method: string): Promise<number> =>
          Number(await call(method, order.infoHash.toUpperCase()))
        // It is not known under its name before it has been loaded.
        const isOpen = await number('d.is_active').catch(() => 0)
        if (isOpen === 0 || (await number('d.hashing')) !== 0) return undefined
        return (await number('d.completed_bytes')) / (await number('d.size_bytes'))
      },
    }
  },
}

const settings = (order: Order, socket: string): string => `
system.daemon.set = true
session.path.set = ${join(order.home, 'session')}
directory.default.set = ${order.films}
network.bind_address.set = ${order.host}
network.port_range.set = ${order.port}-${order.port}
network.port_random.set = no
network.scgi.open_local = ${socket}
protocol.encryption.set = ${order.isEncrypted ? 'require,require_RC4' : 'allow_incoming,try_outgoing'}
dht.mode.set = disable
trackers.use_udp.set = no
throttle.global_up.max_rate.set_kb = ${order.uploadKb}
`

/**
 * One call of its XML-RPC, which it speaks by SCGI (a netstring of headers, then the body); every
 * parameter is a string, and of the answer the first value is told.
 * @throws Error with what it answers when it refuses
 */
function xmlRpc(path: string, method: string, params: readonly string[]): Promise<string> {
  const values = params.map((param) => `<param><value><string>${param}</string></value></param>`)
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values.join('')}</params></methodCall>`
  const headers = `CONTENT_LENGTH\0${Buffer.byteLength(body)}\0SCGI\x001\0`
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = connect(path)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => parts.push(chunk))
    socket.once('close', () => {
      const answer = Buffer.concat(parts).toString()
      const value = /<value><(?:i4|i8|string)>([^<]*)</.exec(answer)?.[1]
      if (value === undefined || answer.includes('<fault>')) reject(new Error(answer))
      else resolve(value)
    })
    socket.write(`${headers.length}:${headers},${body}`)
  })
}
