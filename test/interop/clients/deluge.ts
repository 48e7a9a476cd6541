import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Program, startProgram, versionOf } from '../../support/clients/program.ts'
import { freePort } from '../../support/free-port.ts'
import type { Client, Order } from './client.ts'
import { PYTHON } from './libtorrent.ts'

const SCRIPT = new URL('./deluge-control.py', import.meta.url).pathname
const [USER, PASSWORD] = ['tester', 'tester']
const ADMINISTRATOR = 10
/** Of its encryption policies. */
const FORCED = 0
const ENABLED = 1

export const deluge: Client = {
  name: 'Deluge',
  version: () => versionOf(['deluged', '--version'], /deluged ([\d.]+)/),
  lacks: {},
  start: async (order) => {
    const rpcPort = await freePort()
    writeFileSync(join(order.home, 'core.conf'), settings(order, rpcPort))
    writeFileSync(join(order.home, 'auth'), `${USER}:${PASSWORD}:${ADMINISTRATOR}\n`)
    const inside = (...words: readonly string[]): Program =>
      startProgram([...order.inside, ...words], order.home)
    const options = ['--do-not-daemonize', '--config', order.home, '--loglevel', 'warning']
    const daemon = inside('deluged', ...options)
    await daemon.listensAt(rpcPort)
    await daemon.listensAt(order.port)
    const script = inside(PYTHON, SCRIPT, String(rpcPort), USER, PASSWORD)
    await script.ask({
      cmd: 'add',
      torrent: order.torrent,
      folder: order.films,
      super: order.isSuperSeeding,
      upload: order.uploadKb || -1,
    })
    return {
      log: () => daemon.log() + script.log(),
      progress: async () => {
        const { progress, checking } = await script.ask({ cmd: 'status' })
        return checking ? undefined : Number(progress)
      },
      stop: async () => {
        await script.stop()
        await daemon.stop()
      },
    }
  },
}

/** Two JSON objects, as Deluge writes them: of the form, and of the settings. */
const settings = (order: Order, rpcPort: number): string =>
  JSON.stringify({ file: 1, format: 1 }) +
  JSON.stringify({
    daemon_port: rpcPort,
    dht: false,
    download_location: order.films,
    enc_in_policy: order.isEncrypted ? FORCED : ENABLED,
    enc_out_policy: order.isEncrypted ? FORCED : ENABLED,
    listen_interface: order.host,
    listen_ports: [order.port, order.port],
    lsd: false,
    natpmp: false,
    new_release_check: false,
    random_port: false,
    upnp: false,
  })
