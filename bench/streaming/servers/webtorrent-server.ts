// webtorrent's own server, TCP only, with adding on demand in front. Argument: folder. Prints its port.
// GET /?uri=<magnet or .torrent path> adds the torrent and answers with a redirect to the server's URL.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebTorrent from 'webtorrent'

interface Torrent {
  readonly files: readonly { readonly streamURL: string }[]
  once(event: 'ready', done: () => void): void
}
interface Client {
  add(uri: string, options: object): Torrent
  on(event: 'error', seen: (error: unknown) => void): void
  createServer(): {
    listen(port: number, host: string, done: () => void): void
    address(): AddressInfo
  }
}

const Client = WebTorrent as unknown as new (options: object) => Client
const off = { dht: false, lsd: false, natUpnp: false, natPmp: false, webSeeds: false, utp: false }
const client = new Client(off)
client.on('error', (error) => process.stderr.write(`webtorrent: ${String(error)}\n`))
const films = client.createServer()
await new Promise<void>((done) => films.listen(0, '127.0.0.1', done))

const known = new Map<string, Promise<Torrent>>()
function torrentOf(uri: string): Promise<Torrent> {
  const found = known.get(uri)
  if (found) return found
  const torrent = client.add(uri, { path: process.argv[2] })
  const ready = new Promise<Torrent>((done) => torrent.once('ready', () => done(torrent)))
  known.set(uri, ready)
  return ready
}

const checkRequest = createServer(async (req, res) => {
  const uri = new URL(req.url ?? '', 'http://x').searchParams.get('uri') ?? ''
  const torrent = await torrentOf(uri)
  const location = `http://127.0.0.1:${films.address().port}${torrent.files[0]?.streamURL}`
  res.writeHead(302, { location }).end()
})
checkRequest.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(checkRequest.address() as AddressInfo).port}\n`)
})
