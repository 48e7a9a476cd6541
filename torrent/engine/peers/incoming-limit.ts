import { addressGroup } from '../../../common/network/address-group.ts'

/** Connections that others made to us, of all torrents and of none yet. */
const MAX_INCOMING = 200
/** Of these, from one address; several peers may share one (RFC 6888). */
const MAX_OF_ADDRESS = 10

/** How many connections others may make to us, by whatever transport. */
export class IncomingLimit {
  readonly #open = new Map<string, number>()
  #total = 0

  /** Whether one more from this address would be taken. */
  hasRoom(address: string): boolean {
    const count = this.#open.get(addressGroup(address)) ?? 0
    return this.#total < MAX_INCOMING && count < MAX_OF_ADDRESS
  }

  /** Undefined when there are too many; else to be called once, when the connection has ended. */
  enter(address: string): (() => void) | undefined {
    if (!this.hasRoom(address)) return undefined
    const from = addressGroup(address)
    this.#open.set(from, (this.#open.get(from) ?? 0) + 1)
    this.#total++
    return () => {
      this.#total--
      const left = (this.#open.get(from) ?? 1) - 1
      if (left === 0) this.#open.delete(from)
      else this.#open.set(from, left)
    }
  }
}
