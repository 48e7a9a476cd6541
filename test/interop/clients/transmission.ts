import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram, versionOf } from '../../support/clients/program.ts'
import { freePort } from '../../support/free-port.ts'
import type { Client, Order } from './client.ts'

const REQUIRED = 2
const PREFERRED = 1
/** Of a torrent, in its RPC: waits to be checked, is checked. */
const CHECKING = [1, 2]

export const transmission: Client = {
  name: 'Transmission',
  version: () => versionOf(['transmission-daemon', '--version'], /daemon ([\d.]+)/),
  lacks: {
    superSeeding: 'has none',
    dials: 'dials no address of loopback',
    dialsAsSeeder: 'dials no address of loopback',
  },
  start: async (order) => {
    const rpcPort = await freePort()
    writeFileSync(join(order.home, 'settings.json'), settings(order, rpcPort))
    const command = [
      'transmission-daemon',
      '--foreground',
      '--log-info',
      '--config-dir',
      order.home,
    ]
    const program = startProgram([...order.inside, ...command], order.home)
    await program.listensAt(rpcPort)
    const ask = rpc(order.rpcHost, rpcPort)
    await ask('torrent-add', {
      metainfo: readFileSync(order.torrent).toString('base64'),
      'download-dir': order.films,
    })
    await program.listensAt(order.port)
    return {
      ...program,
      progress: async () => {
        const fields = ['status', 'haveValid', 'sizeWhenDone']
        const { torrents } = await ask('torrent-get', { fields })
        const [one] = torrents as readonly Record<string, number>[]
        if (!one?.sizeWhenDone || CHECKING.includes(one.status ?? 0)) return undefined
        return (one.haveValid ?? 0) / one.sizeWhenDone
      },
    }
  },
}

const settings = (order: Order, rpcPort: number): string =>
  JSON.stringify({
    'bind-address-ipv4': order.host === '::1' ? '127.0.0.1' : order.host,
    'bind-address-ipv6': '::1',
    'dht-enabled': false,
    'lpd-enabled': false,
    encryption: order.isEncrypted ? REQUIRED : PREFERRED,
    'peer-port': order.port,
    'port-forwarding-enabled': false,
    preallocation: 0,
    'rpc-bind-address': order.rpcHost,
    'rpc-whitelist-enabled': false,
    'rpc-port': rpcPort,
    'speed-limit-up': order.uploadKb,
    'speed-limit-up-enabled': order.uploadKb > 0,
    'utp-enabled': true,
  })

/** Transmission's RPC: its first answer is 409 with the session's id, which counts from then on. */
function rpc(host: string, port: number) {
  let session = ''
  return async (method: string, args: object): Promise<Readonly<Record<string, unknown>>> => {
    for (;;) {
      const answer = await fetch(`http://${host}:${port}/transmission/rpc`, {
        method: 'POST',
        headers: { 'X-Transmission-Session-Id': session },
        body: JSON.stringify({ method, arguments: args }),
      })
      const body = await answer.text()
      if (answer.status === 409) {
        session = answer.headers.get('x-transmission-session-id') ?? ''
        continue
      }
      const { result, arguments: values } = JSON.parse(body)
      if (result !== 'success') throw new Error(`Transmission: ${method}: ${result}`)
      return values
    }
  }
}
