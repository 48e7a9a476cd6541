import { isIP, type LookupFunction, Socket } from 'node:net'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { RefusedAddress } from '../../../common/network/checked-lookup.ts'
import { socksHandshake } from './socks-handshake.ts'
import { Command, type ProxyServer, type Target } from './socks-messages.ts'

/** From the first packet to the proxy until it answers that the target is reached. */
const TUNNEL_MS = 20_000
/**
 * Names that mean a machine of the proxy's own network, or the proxy itself (RFC 6761, 6762, 8375). What
 * other names lead to is known to the proxy alone.
 */
const LOCAL_NAME =
  /^[^.]*\.?$|\.(?:localhost|local|internal|intranet|private|lan|home|corp|home\.arpa)\.?$/i

type Connect = (this: Socket, options: object) => Socket

/** Opens connections to the proxy, and through it. Whatever fails, nothing goes past it. */
export class ProxyDialer {
  readonly #proxy: ProxyServer
  readonly #rules: AddressRules
  readonly #lookup: LookupFunction
  readonly #connect: Connect

  /** @param lookup for the name of the proxy, the only one that is looked up here */
  constructor(proxy: ProxyServer, rules: AddressRules, lookup: LookupFunction) {
    this.#proxy = proxy
    this.#rules = rules
    this.#lookup = lookup
    // Of now: the one that leaves by the wanted address, before any other is refused.
    this.#connect = Socket.prototype.connect as Connect
  }

  /** @throws RefusedAddress when our rules refuse it; a name is judged by its ending */
  check({ host, port }: Target): void {
    const isAllowed = isIP(host) === 0 ? !LOCAL_NAME.test(host) : this.#rules.allows(host, port)
    if (!isAllowed) throw new RefusedAddress(host, port)
  }

  /** Begins to connect to the proxy itself. */
  connect(socket: Socket): void {
    const { host, port } = this.#proxy
    this.#connect.call(socket, { host, port, lookup: this.#lookup })
  }

  /**
   * Asks the proxy, on a socket that is connected to it. A proxy that tells that it reached a name on
   * its own machine is left.
   * @returns the address in its reply
   */
  async shakeHands(socket: Socket, command: number, target: Target): Promise<Target> {
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), TUNNEL_MS)
    try {
      const bound = await socksHandshake(socket, this.#proxy, command, target)
      const isName = command === Command.connect && isIP(target.host) === 0
      const isLoopback = /^(?:127\.|::1$)/.test(bound.host)
      if (isName && isLoopback && !this.#rules.allows(bound.host, target.port)) {
        throw new RefusedAddress(target.host, target.port)
      }
      return bound
    } finally {
      clearTimeout(timer)
    }
  }
}
