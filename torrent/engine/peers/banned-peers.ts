import { LRUCache } from 'lru-cache'
import { addressGroup } from '../../../common/network/address-group.ts'

/** Addresses that are remembered, of each kind. */
const MAX_ADDRESSES = 2000
/** So many wrong connections of one host, and no further one is taken: several peers may share it (RFC 6888). */
const MAX_OF_HOST = 3

interface Known {
  /** `ip:port` */
  readonly address: string
  /** It connected to us: its port says nothing, for the next connection has another. */
  readonly incoming?: boolean
}

/** Who sent wrong bytes: the address that we connected to, or the host that keeps connecting to us. */
export class BannedPeers {
  readonly #addresses = new LRUCache<string, true>({ max: MAX_ADDRESSES })
  readonly #ofHost = new LRUCache<string, number>({ max: MAX_ADDRESSES })

  ban(peer: Known): void {
    this.#addresses.set(peer.address, true)
    if (!peer.incoming) return
    const host = hostOf(peer)
    this.#ofHost.set(host, (this.#ofHost.get(host) ?? 0) + 1)
  }

  isBanned(peer: Known): boolean {
    if (this.#addresses.has(peer.address)) return true
    return peer.incoming === true && (this.#ofHost.get(hostOf(peer)) ?? 0) >= MAX_OF_HOST
  }
}

const hostOf = ({ address }: Known): string =>
  addressGroup(address.slice(0, address.lastIndexOf(':')))
