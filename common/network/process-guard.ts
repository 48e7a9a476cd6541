import dns from 'node:dns'
import { isIP, type LookupFunction, Socket } from 'node:net'
import type { AddressRules } from './address-rules.ts'
import { checkedLookup, RefusedAddress } from './checked-lookup.ts'
import { guardDatagrams } from './datagram-guard.ts'

/** What `Socket.connect` reads of its options, as net.connect, tls, http and undici pass them. */
interface ConnectOptions {
  readonly host?: string
  readonly port?: number | string
  readonly path?: string
  readonly lookup?: LookupFunction | null
}

/**
 * Puts our address rules under everything in this process that goes out by a JavaScript socket:
 * net, tls, http, fetch, WebSocket, UDP trackers, DHT, local discovery. For the process of a
 * library that offers no such hook; there is no way back. A refused connection fails like one that
 * the system refused: an `error` event with code EACCES. Pipes and incoming connections stay.
 * Not covered: native addons with sockets of their own (WebRTC, uTP) and worker threads.
 */
export function guardProcess(rules: AddressRules): void {
  guardStreams(rules)
  guardDatagrams(rules)
}

function guardStreams(rules: AddressRules): void {
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket
  const guarded = function (this: Socket, ...args: unknown[]): Socket {
    const [first] = args
    // net.connect hands over one array: [options, callback].
    const [head, ...rest] = Array.isArray(first) ? first : args
    const callback = rest.findLast((one) => typeof one === 'function')
    const options = optionsOf(head, rest[0])
    if (!options) return connect.apply(this, args)
    return connect.call(this, { ...options, ...checked(rules, options) }, callback)
  }
  Socket.prototype.connect = guarded as typeof Socket.prototype.connect
}

/** Undefined for the path of a pipe, and for what the original refuses with its own words. */
function optionsOf(head: unknown, next: unknown): ConnectOptions | undefined {
  if (typeof head === 'object' && head !== null) return head
  if (typeof head !== 'number' && typeof head !== 'string') return undefined
  if (!(Number(head) >= 0)) return undefined
  return { port: head, ...(typeof next === 'string' && { host: next }) }
}

/**
 * Host and look-up to connect with. A refused literal address becomes a name whose look-up fails:
 * the socket then goes through the states of any failed connection, and writes made meanwhile wait.
 * Pipes ignore both, so a path beside a host opens no side door.
 */
function checked(rules: AddressRules, options: ConnectOptions): ConnectOptions {
  const host = options.host || 'localhost'
  const port = Number(options.port)
  if (isIP(host) === 0) {
    const lookup = options.lookup ?? (dns.lookup as LookupFunction)
    return { lookup: checkedLookup(rules, port, lookup) }
  }
  if (rules.allows(host, port)) return {}
  const refuse: LookupFunction = (_hostname, _options, callback) => {
    process.nextTick(callback, new RefusedAddress(host, port), '', 0)
  }
  return { host: 'refused.invalid', lookup: refuse }
}
