import { bencodeText } from '../common/bittorrent/bencode.ts'

export interface Tracker {
  /**
   * Answers one announce: bencoded, peers compact (BEP 3, BEP 23).
   * @param search the request's query with its `?`
   * @param ip IPv4 address that the announce came from
   */
  announce(search: string, ip: string): Buffer
  /** How many have all of this torrent. */
  seeders(infoHash: string): number
}

interface Peer {
  readonly ip: string
  readonly port: number
  readonly seeds: boolean
}

/** Seconds between two announces of one client. */
const INTERVAL = 60
/** A torrent remembers so many peers, the latest: those that were killed never say goodbye. */
const MOST_PEERS = 20

/** The memory of an HTTP tracker: who came last, by torrent. */
export function createTracker(): Tracker {
  const swarms = new Map<string, Map<string, Peer>>()
  return {
    announce(search, ip) {
      const infoHash = infoHashOf(search)
      const query = new URLSearchParams(search)
      const port = Number(query.get('port'))
      if (infoHash.length !== 40) return refusal('info_hash has 20 bytes')
      if (!Number.isInteger(port) || port < 1 || port > 65_535) return refusal('port is a number')
      const swarm = swarms.get(infoHash) ?? new Map<string, Peer>()
      swarms.set(infoHash, swarm)
      const name = `${ip}:${port}`
      swarm.delete(name)
      const others = [...swarm.values()]
      if (query.get('event') !== 'stopped') {
        swarm.set(name, { ip, port, seeds: query.get('left') === '0' })
      }
      const [oldest] = swarm.keys()
      if (swarm.size > MOST_PEERS && oldest !== undefined) swarm.delete(oldest)
      return answer(others)
    },
    seeders: (infoHash) =>
      [...(swarms.get(infoHash)?.values() ?? [])].filter(({ seeds }) => seeds).length,
  }
}

function refusal(reason: string): Buffer {
  return Buffer.from(`d${bencodeText('failure reason')}${bencodeText(reason)}e`)
}

function answer(peers: readonly Peer[]): Buffer {
  const complete = peers.filter(({ seeds }) => seeds).length
  const list = Buffer.concat(peers.map(compact))
  return Buffer.concat([
    Buffer.from(
      `d8:completei${complete}e10:incompletei${peers.length - complete}e` +
        `8:intervali${INTERVAL}e5:peers${list.length}:`,
    ),
    list,
    Buffer.from('e'),
  ])
}

/** Four bytes of address, two of port, in network order. */
function compact({ ip, port }: Peer): Buffer {
  return Buffer.from([...ip.split('.').map(Number), port >> 8, port & 255])
}

/** The raw 20 bytes are percent-encoded and seldom UTF-8, so URLSearchParams would spoil them. */
function infoHashOf(search: string): string {
  const raw = /[?&]info_hash=([^&]*)/.exec(search)?.[1] ?? ''
  const bytes = raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('hex')
}
