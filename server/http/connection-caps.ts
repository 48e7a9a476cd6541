import { BlockList, type Socket, type SocketAddress } from 'node:net'
import type { Duplex } from 'node:stream'
import { addressGroup } from '../../common/network/address-group.ts'

export interface ConnectionLimits {
  /** Open at once from one address. */
  readonly perAddress: number
  /** A proxy of ours: its connections are those of many, and have no cap of their own. */
  readonly isProxy: (address: string) => boolean
  readonly reached: (address: string) => void
  /** Open at once from everywhere; MOST_CONNECTIONS where there are descriptors for them. */
  readonly inAll?: number
}

/** Some 20 KB each: what a small machine can spare. */
const MOST_CONNECTIONS = 8192

/** What takes a connection out of the count of its address. */
const counted = new WeakMap<Socket, () => void>()

/** It has shown whose it is: many may come from that address. It still counts among all. */
export const isNoStranger = (socket: Socket): void => counted.get(socket)?.()

/** Which connections may stay open: so many from one address, and so many in all. */
export class ConnectionCaps {
  readonly #limits: ConnectionLimits
  readonly #inAll: number
  /** Without the connections of trusted proxies. */
  readonly #byAddress = new Map<string, Set<Socket>>()
  #count = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
    this.#inAll = limits.inAll ?? MOST_CONNECTIONS
  }

  /**
   * Whether it may stay. At the cap for all addresses together, an idle connection of the address that
   * has the most is closed for it, so that a few clients cannot lock out the rest.
   */
  admit(socket: Socket, isIdle: (socket: Duplex) => boolean): boolean {
    const from = socket.remoteAddress
    // Gone before anybody looked.
    if (from === undefined) return false
    const address = this.#counted(from)
    const hasPlace =
      !this.#isFull(address) &&
      (this.#count < this.#inAll || this.#giveUpOne(this.#openOf(address), isIdle))
    if (hasPlace) this.#add(socket, address)
    else this.#limits.reached(address ?? from)
    return hasPlace
  }

  /** Whether an address has all that it may have; asked when one more comes. */
  refuses(from: string): boolean {
    const address = this.#counted(from)
    const isFull = this.#isFull(address)
    if (isFull) this.#limits.reached(address ?? from)
    return isFull
  }

  /** undefined: a proxy of ours, which has no number of its own. */
  #counted(from: string): string | undefined {
    return this.#limits.isProxy(from) ? undefined : addressGroup(from)
  }

  #isFull(address: string | undefined): boolean {
    return address !== undefined && this.#openOf(address) >= this.#limits.perAddress
  }

  #openOf(address: string | undefined): number {
    return address === undefined ? 0 : (this.#byAddress.get(address)?.size ?? 0)
  }

  #add(socket: Socket, address: string | undefined): void {
    this.#count++
    const own = address === undefined ? undefined : (this.#byAddress.get(address) ?? new Set())
    if (address !== undefined && own) this.#byAddress.set(address, own.add(socket))
    const uncount = (): void => {
      own?.delete(socket)
      if (address !== undefined && own?.size === 0) this.#byAddress.delete(address)
    }
    counted.set(socket, uncount)
    socket.once('close', () => {
      this.#count--
      uncount()
    })
  }

  /** Ends an idle connection of whoever has more than `own`. */
  #giveUpOne(own: number, isIdle: (socket: Duplex) => boolean): boolean {
    let most: ReadonlySet<Socket> = new Set()
    for (const sockets of this.#byAddress.values()) if (sockets.size > most.size) most = sockets
    if (most.size <= own) return false
    for (const socket of most) {
      if (socket.destroyed || !isIdle(socket)) continue
      socket.destroy()
      return true
    }
    return false
  }
}

/** Node asks it before it makes a socket of a connection, so that one too many costs half as much. */
export class RefusedAtOnce extends BlockList {
  readonly #caps: ConnectionCaps

  constructor(caps: ConnectionCaps) {
    super()
    this.#caps = caps
  }

  override check(from: SocketAddress | string): boolean {
    return this.#caps.refuses(typeof from === 'string' ? from : from.address)
  }
}
