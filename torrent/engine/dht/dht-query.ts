import {
  asBytes,
  asDict,
  asList,
  asText,
  type BencodedDict,
  decodeDict,
} from '../../../common/bittorrent/bencode.ts'
import { compactAddresses, IPV4_BYTES, IPV6_BYTES } from '../peers/compact-addresses.ts'
import { ID_BYTES, MAX_WORD_BYTES } from './dht-message.ts'

/** A node whose id is known. */
export interface DhtContact {
  /** 20 bytes. */
  readonly id: Buffer
  /** `[ip]:port` */
  readonly address: string
}

/** What a node answers (BEP 5, 32). All of it is foreign: who uses it checks the addresses. */
export interface DhtAnswer {
  readonly id: Buffer
  readonly nodes: readonly DhtContact[]
  /** `ip:port` or `[ip]:port` */
  readonly peers: readonly string[]
  /** For an announcement to this node. */
  readonly token: Uint8Array | undefined
}

export const MAX_DATAGRAM_BYTES = 4096
/** Taken from one answer. */
const [MAX_NODES, MAX_PEERS] = [16, 100]

export type DhtQuery =
  | { readonly q: 'ping' }
  | { readonly q: 'get_peers'; readonly infoHash: Buffer }
  | {
      readonly q: 'announce_peer'
      readonly infoHash: Buffer
      readonly port: number
      readonly token: Uint8Array
    }

/**
 * A query of a node that answers none itself, and says so (BEP 43).
 * @param id ours, 20 bytes
 * @param transaction comes back with the answer
 */
export function dhtQuery(query: DhtQuery, id: Buffer, transaction: Buffer): Buffer {
  const of = (key: string, bytes: Uint8Array): readonly Uint8Array[] => [
    Buffer.from(`${key.length}:${key}${bytes.length}:`),
    bytes,
  ]
  const asked = query.q === 'ping' ? [] : of('info_hash', query.infoHash)
  const ours =
    query.q === 'announce_peer'
      ? [Buffer.from(`4:porti${query.port}e`), ...of('token', query.token)]
      : []
  return Buffer.concat([
    Buffer.from('d1:ad'),
    ...of('id', id),
    ...asked,
    ...ours,
    ...(query.q === 'get_peers' ? [Buffer.from('4:wantl2:n6e')] : []),
    Buffer.from(`e1:q${query.q.length}:${query.q}2:roi1e`),
    ...of('t', transaction),
    Buffer.from('1:y1:qe'),
  ])
}

/** Undefined when it is no answer to this transaction, or an error. */
export function readDhtAnswer(bytes: Uint8Array, transaction: Buffer): DhtAnswer | undefined {
  const message = bytes.length <= MAX_DATAGRAM_BYTES ? decodeDict(bytes) : undefined
  const body = asDict(message?.get('r'))
  const id = asBytes(body?.get('id'))
  if (asText(message?.get('y')) !== 'r' || !body || id?.length !== ID_BYTES) return undefined
  if (!transaction.equals(asBytes(message?.get('t')) ?? Buffer.alloc(0))) return undefined
  const token = asBytes(body.get('token'))
  return {
    id: Buffer.from(id),
    nodes: contactsOf(asBytes(body.get('nodes6')) ?? new Uint8Array()),
    peers: peersOf(body),
    token: token && token.length <= MAX_WORD_BYTES ? Buffer.from(token) : undefined,
  }
}

function contactsOf(list: Uint8Array): DhtContact[] {
  const size = ID_BYTES + IPV6_BYTES
  const contacts: DhtContact[] = []
  for (let at = 0; at + size <= list.length && contacts.length < MAX_NODES; at += size) {
    const [address] = compactAddresses(list.subarray(at + ID_BYTES, at + size), IPV6_BYTES, 1)
    const id = Buffer.from(list.subarray(at, at + ID_BYTES))
    if (address !== undefined) contacts.push({ id, address })
  }
  return contacts
}

/** Of either family: a node may know both. */
function peersOf(body: BencodedDict): string[] {
  return (asList(body.get('values')) ?? []).slice(0, MAX_PEERS).flatMap((value) => {
    const bytes = asBytes(value) ?? new Uint8Array()
    const isAddress = bytes.length === IPV4_BYTES || bytes.length === IPV6_BYTES
    return isAddress ? compactAddresses(bytes, bytes.length, 1) : []
  })
}
