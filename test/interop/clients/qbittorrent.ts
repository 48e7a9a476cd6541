import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram, versionOf } from '../../support/clients/program.ts'
import { freePort } from '../../support/free-port.ts'
import type { Client, Order } from './client.ts'

export const qbittorrent: Client = {
  name: 'qBittorrent',
  version: () => versionOf(['qbittorrent-nox', '--version'], /v([\d.]+)/),
  lacks: {},
  start: async (order) => {
    const webPort = await freePort()
    const folder = join(order.home, 'qBittorrent', 'config')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'qBittorrent.conf'), settings(order, webPort))
    const command = ['qbittorrent-nox', `--profile=${order.home}`]
    const program = startProgram([...order.inside, ...command], order.home)
    await program.listensAt(webPort)
    const base = `http://${order.rpcHost}:${webPort}/api/v2/torrents`
    const form = new FormData()
    form.set('torrents', new Blob([readFileSync(order.torrent)]), 'film.torrent')
    form.set('savepath', order.films)
    await post(`${base}/add`, form)
    await program.listensAt(order.port)
    if (order.isSuperSeeding) {
      await post(`${base}/setSuperSeeding`, new URLSearchParams({ hashes: 'all', value: 'true' }))
    }
    return {
      ...program,
      progress: async () => {
        const answer = await fetch(`${base}/info`)
        const [one] = (await answer.json()) as readonly { state: string; progress: number }[]
        return !one || /checking|meta|moving/i.test(one.state) ? undefined : one.progress
      },
    }
  },
}

/** @throws Error when it answers anything but 200 */
async function post(url: string, body: FormData | URLSearchParams): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body })
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}

/** Its encryption: 0 prefers it, 1 requires it. */
const settings = (order: Order, webPort: number): string => `
[LegalNotice]
Accepted=true
[Network]
PortForwardingEnabled=false
[Preferences]
WebUI\\Address=${order.rpcHost}
WebUI\\AuthSubnetWhitelist=${order.rpcHost}/16
WebUI\\AuthSubnetWhitelistEnabled=true
WebUI\\CSRFProtection=false
WebUI\\HostHeaderValidation=false
WebUI\\LocalHostAuth=false
WebUI\\Port=${webPort}
WebUI\\UseUPnP=false
[BitTorrent]
Session\\DHTEnabled=false
Session\\Encryption=${order.isEncrypted ? 1 : 0}
Session\\GlobalUPSpeedLimit=${order.uploadKb}
Session\\InterfaceAddress=${order.host}
Session\\LSDEnabled=false
Session\\Port=${order.port}
Session\\QueueingSystemEnabled=false
`
