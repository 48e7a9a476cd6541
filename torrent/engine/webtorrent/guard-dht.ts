import { addressGroup } from '../../../common/network/address-group.ts'
import { isDhtMessage } from '../dht/dht-message.ts'
import type { WtDht } from './webtorrent-types.ts'

/** Bytes of a datagram: an answer with 100 peers and 20 nodes has 1500. */
const MAX_DATAGRAM_BYTES = 4096
/** Peers of a torrent that one answer names: a query of 100 bytes must not bring many times as much. */
const MAX_PEERS_ANSWERED = 50
/** Queries that are answered within a second, and how many of them for one address. */
const [MAX_QUERIES, MAX_OF_ADDRESS] = [200, 20]
const SECOND_MS = 1000

/**
 * A node of the DHT (BEP 5) hears datagrams of anybody, with any address as their sender. bittorrent-dht
 * takes them as they come: one with a number in place of an info hash ended the process. What is no message
 * of BEP 5 is not handed to it, nor what would make us work, or send, for others without end.
 * @param now milliseconds of a clock that never goes back
 */
export function guardDht(
  { _rpc, _peers }: Pick<WtDht, '_rpc' | '_peers'>,
  now = () => performance.now(),
): void {
  const { socket } = _rpc.socket
  const queries = new QueryLimit()
  const theirs = socket.listeners('message') as ((bytes: Buffer, from: object) => void)[]
  socket.removeAllListeners('message')
  socket.on('message', (bytes, from) => {
    if (bytes.length > MAX_DATAGRAM_BYTES) return
    const kind = isDhtMessage(bytes)
    if (!kind || (kind === 'query' && !queries.mayAsk(from.address, now()))) return
    try {
      for (const receive of theirs) receive(bytes, from)
    } catch {
      // This datagram was one too many; the next one is another matter.
    }
  })
  const { get } = _peers
  _peers.get = (infoHash, most = MAX_PEERS_ANSWERED) => get.call(_peers, infoHash, most)
}

/** Counts queries within a second. */
class QueryLimit {
  readonly #ofAddress = new Map<string, number>()
  #since = 0
  #all = 0

  /** @param now milliseconds of a clock that never goes back */
  mayAsk(address: string, now: number): boolean {
    if (now - this.#since >= SECOND_MS) {
      this.#since = now
      this.#all = 0
      this.#ofAddress.clear()
    }
    const from = addressGroup(address)
    const asked = this.#ofAddress.get(from) ?? 0
    if (this.#all >= MAX_QUERIES || asked >= MAX_OF_ADDRESS) return false
    this.#all++
    this.#ofAddress.set(from, asked + 1)
    return true
  }
}
