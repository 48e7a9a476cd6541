// A process of its own, as a stranger's BitTorrent client would be: it makes torrents of the demo's
// videos and seeds them where they lie. argv[2] is a SeederOrder as JSON.

import type { EventEmitter } from 'node:events'
import WebTorrent from 'webtorrent'
import type { SeederOrder, SeederTells } from './seeding.ts'

/** What this file uses of webtorrent 3 beside what the engine does. */
interface SeedingClient extends EventEmitter {
  seed(path: string, options: object, onSeed: (torrent: { infoHash: string }) => void): EventEmitter
}

const order = JSON.parse(process.argv[2] ?? '') as SeederOrder

const client = new WebTorrent({
  // It hands this to net.Server.listen, which takes an object too: the world is not to connect.
  torrentPort: { host: '127.0.0.1', port: 0 },
  uploadLimit: order.uploadLimit,
  utp: false,
  natUpnp: false,
  natPmp: false,
  dht: false,
  lsd: false,
  utPex: false,
  webSeeds: false,
  seedOutgoingConnections: false,
  tracker: { wrtc: false },
}) as unknown as SeedingClient

const fail = (error: Error): void => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
client.on('error', fail)

// One after the other: it parses and hashes each, and two at once have no order to their errors.
function seedNext([path, ...rest]: readonly string[]): void {
  if (path === undefined) return
  const options = { announce: [order.announceUrl], private: true, pieceLength: order.pieceLength }
  client
    .seed(path, options, ({ infoHash }) => {
      process.send?.({ path, infoHash } satisfies SeederTells)
      seedNext(rest)
    })
    .on('error', fail)
    .on('warning', () => {})
}
seedNext(order.paths)

// Nothing here is worth saving; the demo that started us may also be gone without a word.
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group; the demo says when to go.
process.on('SIGINT', () => {})
