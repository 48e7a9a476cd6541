import { networkInterfaces } from 'node:os'
import type { PeerAddress } from '../wire/peer-address.ts'

const REFRESH_MS = 60_000
const MAX_SEEN = 8

/** Where other peers reach this process. They tell of it too, and we must not become our own peer. */
export class OwnAddresses {
  readonly #port: number
  /** As trackers see us, the oldest first. */
  readonly #seen = new Set<string>()
  #local: ReadonlySet<string> = new Set()
  #readAt = Number.NEGATIVE_INFINITY

  /** @param port the one that peers connect to */
  constructor(port: number) {
    this.#port = port
  }

  /** Told by others, so it counts on our own port only, and a few of them. */
  seenAs(host: string): void {
    this.#seen.add(host)
    for (const oldest of this.#seen) if (this.#seen.size > MAX_SEEN) this.#seen.delete(oldest)
  }

  includes({ host, port }: PeerAddress): boolean {
    if (port !== this.#port) return false
    return host.startsWith('127.') || this.#seen.has(host) || this.#localHosts().has(host)
  }

  #localHosts(): ReadonlySet<string> {
    const now = performance.now()
    if (now > this.#readAt + REFRESH_MS) {
      this.#readAt = now
      const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
      this.#local = new Set(all.map(({ address }) => address))
    }
    return this.#local
  }
}
