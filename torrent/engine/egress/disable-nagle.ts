import { Socket } from 'node:net'

/**
 * Turns Nagle's algorithm (RFC 896) off for every connection that this process opens. webtorrent
 * leaves it on. Handshakes and requests have a few bytes; held back until the other side's delayed
 * acknowledgement, each of the three steps before a film's first byte took 40 ms longer.
 */
export function disableNagle(): void {
  const { connect } = Socket.prototype
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    this.setNoDelay(true)
    return Reflect.apply(connect, this, args) as Socket
  } as typeof connect
}
