import dgram from 'node:dgram'
import type { LookupFunction } from 'node:net'
import { portIndex } from '../../../common/network/datagram-guard.ts'
import type { ProxyDialer } from './proxy-dialer.ts'
import { type RelayTools, UdpRelay } from './udp-relay.ts'

type Call = (this: unknown, ...args: unknown[]) => unknown
type Sent = (error: Error | null) => void

/**
 * Every datagram of this process goes through the proxy, and what comes from there is heard as if its
 * sender had sent it here; anything else is not heard. Each socket has a relay of its own. It cannot be
 * undone.
 * @param refused called once, when the proxy relays no datagrams: from then on sending fails
 */
export function tunnelDatagrams(
  dialer: ProxyDialer,
  lookup: LookupFunction,
  refused: () => void,
): void {
  const own = new WeakSet<dgram.Socket>()
  const relays = new WeakMap<dgram.Socket, UdpRelay>()
  const { prototype } = dgram.Socket
  const original = { send: prototype.send as Call, bind: prototype.bind as Call }
  const { connect, emit } = prototype
  let isOff = false
  const tools: RelayTools = {
    connect: (socket) => dialer.connect(socket),
    shakeHands: (...args) => dialer.shakeHands(...args),
    open(type) {
      const socket = dgram.createSocket({ type, lookup: lookup as never })
      own.add(socket)
      return socket
    },
    refused() {
      if (!isOff) refused()
      isOff = true
    },
  }
  const relayOf = (socket: dgram.Socket): UdpRelay => {
    const known = relays.get(socket)
    if (known) return known
    const relay = new UdpRelay(tools, (payload, from) => {
      ;(emit as Call).call(socket, 'message', payload, from)
    })
    relays.set(socket, relay)
    socket.once('close', () => relay.close())
    return relay
  }
  const send = function (this: dgram.Socket, ...args: unknown[]): unknown {
    if (own.has(this)) return original.send.apply(this, args)
    const sent = args.findLast((one) => typeof one === 'function') as Sent | undefined
    try {
      const { payload, target } = outgoing(args)
      dialer.check(target)
      if (isOff) throw new Error('the proxy relays no datagrams')
      relayOf(this).send(payload, target)
      if (sent) process.nextTick(sent, null)
    } catch (error) {
      if (sent) process.nextTick(sent, error)
    }
    return undefined
  }
  prototype.send = send as typeof prototype.send
  prototype.connect = function (this: dgram.Socket, ...args: unknown[]) {
    if (!own.has(this)) throw new Error('a datagram past the proxy')
    return (connect as Call).apply(this, args)
  } as typeof prototype.connect
  prototype.bind = function (this: dgram.Socket, ...args: unknown[]) {
    if (own.has(this)) return original.bind.apply(this, args)
    const callback = args.findLast((one) => typeof one === 'function')
    const address = (this as { type?: string }).type === 'udp6' ? '::1' : '127.0.0.1'
    return original.bind.call(this, { port: 0, address }, callback)
  } as typeof prototype.bind
  prototype.emit = function (this: dgram.Socket, event: string, ...args: unknown[]) {
    if (event === 'message' && !own.has(this)) return false
    return (emit as Call).call(this, event, ...args)
  } as typeof prototype.emit
}

function outgoing(args: readonly unknown[]) {
  const at = portIndex(args)
  const [message, offset, length] = args
  const whole = Array.isArray(message)
    ? Buffer.concat(message)
    : Buffer.from(message as Uint8Array | string)
  const payload = at === 1 ? whole : whole.subarray(Number(offset), Number(offset) + Number(length))
  const host = args[at + 1]
  return {
    payload,
    target: { host: typeof host === 'string' ? host : '127.0.0.1', port: Number(args[at]) },
  }
}
