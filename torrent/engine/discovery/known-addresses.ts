import { type PeerAddress, readPeerAddress } from '../wire/peer-address.ts'
import type { OwnAddresses } from './own-addresses.ts'

/** Remembered, for `reconnect`; of more the ones that were named last. */
const MAX_ADDRESSES = 200

/** The addresses of peers that somebody named, whoever it was: each once, and none of our own. */
export class KnownAddresses {
  readonly #own: OwnAddresses
  readonly #known = new Set<string>()

  constructor(own: OwnAddresses) {
    this.#own = own
  }

  get all(): readonly string[] {
    return [...this.#known]
  }

  /** Undefined when it is no address, or ours. */
  add(text: string): PeerAddress | undefined {
    const address = readPeerAddress(text)
    if (!address || this.#own.includes(address)) return undefined
    this.#known.delete(address.text)
    this.#known.add(address.text)
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_ADDRESSES) break
      this.#known.delete(oldest)
    }
    return address
  }
}
