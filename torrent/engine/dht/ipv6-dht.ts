import { isIP, type LookupFunction } from 'node:net'
import { dhtNodeText, splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { addressesOf } from '../trackers/tracker-lookup.ts'
import { K, lookUp } from './dht-look-up.ts'
import type { DhtAnswer, DhtQuery } from './dht-query.ts'
import { DhtSocket } from './dht-socket.ts'
import { NodeTable } from './node-table.ts'

export interface Ipv6DhtOptions {
  /** 20 bytes. */
  readonly id: Buffer
  /** `host:port` or `[ip]:port` of the nodes to begin with. */
  readonly bootstrap: readonly string[]
  readonly rules: AddressRules
  readonly lookup: LookupFunction
}

/** A torrent to look for. */
export interface DhtSearch {
  /** 40 hex. */
  readonly infoHash: string
  /** Where we accept its peers. */
  readonly port: number
  /** @param peers `ip:port` or `[ip]:port`, foreign as they are */
  peersFound(peers: readonly string[]): void
}

/**
 * The DHT over IPv6 (BEP 32), which is one of its own: bittorrent-dht speaks IPv4 only. Ours looks for
 * peers and announces, and answers nobody (BEP 43).
 */
export class Ipv6Dht {
  readonly #options: Ipv6DhtOptions
  readonly #socket: DhtSocket
  readonly #table: NodeTable
  /** By info hash: whether it is to be looked for once more, for somebody knew more meanwhile. */
  readonly #running = new Map<string, { again: boolean }>()
  #closed = false

  constructor(options: Ipv6DhtOptions) {
    this.#options = options
    this.#socket = new DhtSocket(options.id)
    this.#table = new NodeTable(options.id)
  }

  /** `[ip]:port` of nodes that have answered. */
  get nodes(): readonly string[] {
    return this.#table.all.map(({ address }) => address)
  }

  /** Asks it whether it is there; answers whether it is, and new. @param address `[ip]:port` */
  async addNode(address: string): Promise<boolean> {
    const answer = this.#mayAsk(address) && (await this.#socket.ask(address, { q: 'ping' }))
    return answer ? this.#table.answered({ id: answer.id, address }) : false
  }

  /**
   * Looks for peers of a torrent, and tells the nearest nodes that we are one; once more where it was
   * asked to while it did. Never rejects.
   */
  async search(search: DhtSearch): Promise<void> {
    const { infoHash } = search
    const before = this.#running.get(infoHash)
    if (before) before.again = true
    if (before || this.#closed) return
    const running = { again: true }
    this.#running.set(infoHash, running)
    while (running.again && !this.#closed) {
      running.again = false
      await this.#searchOnce(search)
    }
    this.#running.delete(infoHash)
  }

  async #searchOnce({ infoHash, port, peersFound }: DhtSearch): Promise<void> {
    const target = Buffer.from(infoHash, 'hex')
    const known = this.#table.closest(target, K).map(({ address }) => address)
    const start = known.length < K ? [...known, ...(await this.#bootstrap())] : known
    const nearest = await lookUp(
      {
        target,
        ask: (address) => this.#ask(address, { q: 'get_peers', infoHash: target }),
        mayAsk: (address) => this.#mayAsk(address),
        peersFound,
      },
      start,
    )
    const announced = nearest.flatMap(({ address, token }) =>
      token ? [this.#ask(address, { q: 'announce_peer', infoHash: target, port, token })] : [],
    )
    await Promise.all(announced)
  }

  close(): void {
    this.#closed = true
    this.#socket.close()
  }

  async #ask(address: string, query: DhtQuery): Promise<DhtAnswer | undefined> {
    const answer = await this.#socket.ask(address, query)
    if (answer) this.#table.answered({ id: answer.id, address })
    else this.#table.failed(address)
    return answer
  }

  #mayAsk(address: string): boolean {
    const { host, port } = splitDhtNode(address)
    return isIP(host) === 6 && this.#options.rules.allows(host, port)
  }

  async #bootstrap(): Promise<readonly string[]> {
    const { bootstrap, lookup } = this.#options
    const found = await Promise.all(
      bootstrap.map(async (node) => {
        const { host, port } = splitDhtNode(node)
        if (isIP(host) !== 0) return [dhtNodeText(host, port) ?? '']
        const addresses = await addressesOf(host, lookup).catch(() => [])
        return addresses.map(({ address }) => dhtNodeText(address, port) ?? '')
      }),
    )
    return found.flat()
  }
}
