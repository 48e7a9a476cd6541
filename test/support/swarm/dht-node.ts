import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type BencodedDict, decodeBencode } from '../../../common/bittorrent/bencode.ts'
import { bencode } from '../bencode.ts'
import { compact } from './compact.ts'

const byte = (shift: number): number => (process.pid >> shift) & 255

/**
 * Where test/support/swarm/dht-names.ts leads those who look for the first node of the DHT, on port
 * 6881. A test has an address of its own, for several run at once; its servers are told (`dhtNames`).
 */
export const DHT_ADDRESS =
  process.env.TEST_DHT_ADDRESS ?? `127.${64 + (byte(16) % 64)}.${byte(8)}.${byte(0)}`
export const DHT_PORT = 6881
export const dhtNames = { TEST_DHT_ADDRESS: DHT_ADDRESS }

export interface DhtNode {
  /** How often peers of a torrent were asked for. */
  readonly lookUps: number
  close(): Promise<void>
}

/** A node of the DHT (BEP 5) that names the same peers for every torrent, and the same further nodes. */
export async function startDhtNode(offer: {
  readonly peers: readonly string[]
  readonly nodes: readonly string[]
}): Promise<DhtNode> {
  const socket = createSocket('udp4')
  const id = randomBytes(20)
  let lookUps = 0
  socket.on('message', (message, from) => {
    const asked = decodeBencode(message).value as BencodedDict
    const query = Buffer.from((asked.get('q') as Uint8Array | undefined) ?? []).toString()
    if (query === '') return
    if (query === 'get_peers') lookUps++
    const nodes = Buffer.concat(offer.nodes.flatMap((node) => [randomBytes(20), compact(node)]))
    const values = query === 'get_peers' ? { values: offer.peers.map(compact), token: 'x' } : {}
    const answer = { t: asked.get('t') as Uint8Array, y: 'r', r: { id, nodes, ...values } }
    socket.send(bencode(answer), from.port, from.address)
  })
  socket.bind(DHT_PORT, DHT_ADDRESS)
  await once(socket, 'listening')
  return {
    get lookUps() {
      return lookUps
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
