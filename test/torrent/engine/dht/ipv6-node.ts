import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type BencodedDict, decodeBencode } from '../../../../common/bittorrent/bencode.ts'
import { type Bencodable, bencode } from '../../../support/bencode.ts'
import { compactIpv6 } from '../../../support/swarm/compact.ts'

export interface Ipv6Node {
  /** `[::1]:port` */
  readonly address: string
  readonly id: Buffer
  /** What it was asked. */
  readonly queries: readonly {
    readonly q: string
    readonly a: BencodedDict
    readonly ro: unknown
  }[]
  close(): Promise<void>
}

/** A node of the DHT at ::1 (BEP 32) that answers as told. */
export async function startIpv6Node(
  id: Buffer,
  answer: (query: string) => { readonly [key: string]: Bencodable | undefined } | undefined,
): Promise<Ipv6Node> {
  const socket = createSocket('udp6')
  const queries: { q: string; a: BencodedDict; ro: unknown }[] = []
  socket.on('message', (bytes, from) => {
    const message = decodeBencode(bytes).value as BencodedDict
    const q = Buffer.from(message.get('q') as Uint8Array).toString()
    queries.push({ q, a: message.get('a') as BencodedDict, ro: message.get('ro') })
    const r = answer(q)
    if (!r) return
    const t = message.get('t') as Uint8Array
    socket.send(bencode({ t, y: 'r', r: { id, ...r } }), from.port, from.address)
  })
  socket.bind(0, '::1')
  await once(socket, 'listening')
  return {
    address: `[::1]:${socket.address().port}`,
    id,
    queries,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** As `nodes6` has them. */
export const contacts = (...nodes: readonly { id: Buffer; address: string }[]): Buffer =>
  Buffer.concat(nodes.flatMap(({ id, address }) => [id, compactIpv6(address)]))
