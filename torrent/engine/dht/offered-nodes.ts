import { isIP, type LookupFunction } from 'node:net'
import { LRUCache } from 'lru-cache'
import { dhtNodeText, splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { addressesOf } from '../trackers/tracker-lookup.ts'

/** So many are asked within the time that a silent one takes: look-ups need the library's other 12. */
const AT_ONCE = 4
const EVERY_MS = 2500
/** A datagram is lost easily: after these pauses one that was silent is asked again. */
const AGAIN_MS = [5000, 15_000]
const MAX_WAITING = 100
/** Of one name: whoever owns it decides how many it has. */
const MAX_ADDRESSES = 4
const MAX_REMEMBERED = 1000
/** One that never answered may be named again after it. */
const REMEMBERED_MS = 300_000

/** A node to ask, whose address may be reached. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

interface Waiting {
  readonly asks: number
  /** performance.now() */
  readonly notBefore: number
}

/**
 * Nodes that a .torrent or a peer names (BEP 5), which may be anybody's address: each is asked until it answers, three
 * times at most, a few at a time, and where our rules allow it only.
 */
export class OfferedNodes {
  readonly #ask: (node: NodeAddress) => void
  readonly #rules: AddressRules
  readonly #lookup: LookupFunction
  readonly #waiting = new Map<string, Waiting>()
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
      if (this.#closed) break
      if (this.#seen.has(node)) continue
      if (!this.#hasRoom()) break
      this.#seen.set(node, true)
      this.#waiting.set(node, { asks: 0, notBefore: 0 })
    }
    if (!this.#timer && this.#waiting.size > 0) this.#askSome()
  }

  /** One that was silent makes way for one that was not asked yet. */
  #hasRoom(): boolean {
    if (this.#waiting.size < MAX_WAITING) return true
    for (const [node, { asks }] of this.#waiting) if (asks > 0) return this.#waiting.delete(node)
    return false
  }

  /** Whether it was asked because somebody named it. */
  has({ host, port }: NodeAddress): boolean {
    return this.#seen.has(dhtNodeText(host, port) ?? '')
  }

  /** It is not asked again. */
  answered({ host, port }: NodeAddress): void {
    this.#waiting.delete(dhtNodeText(host, port) ?? '')
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  #askSome(): void {
    const now = performance.now()
    const due = [...this.#waiting]
      .filter(([, one]) => one.notBefore <= now)
      .sort(([, one], [, other]) => one.asks - other.asks)
    for (const [node, { asks }] of due.slice(0, AT_ONCE)) {
      this.#waiting.delete(node)
      void this.#askOne(node, asks + 1)
    }
    this.#timer = this.#later()
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined
      if (this.#waiting.size > 0) this.#askSome()
    }, EVERY_MS)
  }

  async #askOne(node: string, asks: number): Promise<void> {
    const { host, port } = splitDhtNode(node)
    for (const address of await this.#addresses(host)) {
      if (this.#closed || !this.#rules.allows(address, port)) return
      const text = dhtNodeText(address, port) ?? ''
      this.#seen.set(text, true)
      const pause = AGAIN_MS[asks - 1]
      if (pause !== undefined && this.#waiting.size < MAX_WAITING) {
        this.#waiting.set(text, { asks, notBefore: performance.now() + pause })
        // Its name may have taken longer to find than the others took to be asked.
        this.#timer ??= this.#later()
      }
      this.#ask({ host: address, port })
    }
  }

  async #addresses(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    try {
      const found = await addressesOf(host, this.#lookup)
      return found.slice(0, MAX_ADDRESSES).map(({ address }) => address)
    } catch {
      return [] // no such name
    }
  }
}
