import { isIP, type LookupFunction } from 'node:net'
import { LRUCache } from 'lru-cache'
import { dhtNodeText, splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { addressesOf } from '../trackers/tracker-lookup.ts'

/** So many are asked within the time that a silent one takes: look-ups need the library's other 12. */
const AT_ONCE = 4
const EVERY_MS = 2500
const MAX_WAITING = 100
const MAX_REMEMBERED = 1000
/** One that did not answer may be asked again after it. */
const REMEMBERED_MS = 300_000

/** A node to ask, whose address may be reached. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/**
 * Nodes that a .torrent or a peer names (BEP 5), which may be anybody's address: each is asked once, a
 * few at a time, and where our rules allow it only.
 */
export class OfferedNodes {
  readonly #ask: (node: NodeAddress) => void
  readonly #rules: AddressRules
  readonly #lookup: LookupFunction
  readonly #waiting = new Set<string>()
  readonly #seen = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS })
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param ask asks a node whether it is there */
  constructor(ask: (node: NodeAddress) => void, rules: AddressRules, lookup: LookupFunction) {
    this.#ask = ask
    this.#rules = rules
    this.#lookup = lookup
  }

  /** @param nodes `host:port` or `[ip]:port` */
  offer(nodes: readonly string[]): void {
    for (const node of nodes) {
      if (this.#closed || this.#waiting.size >= MAX_WAITING) break
      if (this.#seen.has(node)) continue
      this.#seen.set(node, true)
      this.#waiting.add(node)
    }
    if (!this.#timer && this.#waiting.size > 0) this.#askSome()
  }

  /** Whether it was asked because somebody named it. */
  has({ host, port }: NodeAddress): boolean {
    return this.#seen.has(dhtNodeText(host, port) ?? '')
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  #askSome(): void {
    this.#timer = undefined
    for (const node of [...this.#waiting].slice(0, AT_ONCE)) {
      this.#waiting.delete(node)
      void this.#askOne(splitDhtNode(node))
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#waiting.size > 0) this.#askSome()
    }, EVERY_MS)
  }

  async #askOne({ host, port }: NodeAddress): Promise<void> {
    for (const address of await this.#addresses(host)) {
      if (this.#closed || !this.#rules.allows(address, port)) return
      this.#seen.set(dhtNodeText(address, port) ?? '', true)
      this.#ask({ host: address, port })
    }
  }

  async #addresses(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    try {
      return (await addressesOf(host, this.#lookup)).map(({ address }) => address)
    } catch {
      return [] // no such name
    }
  }
}
