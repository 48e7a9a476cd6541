import dns from 'node:dns'
import { isIP, type LookupFunction, Socket } from 'node:net'
import type { AddressRules } from './address-rules.ts'
import { checkedLookup, RefusedAddress } from './checked-lookup.ts'
import { type ConnectOptions, connectArguments } from './connect-arguments.ts'
import { guardDatagrams, type MulticastGroup } from './datagram-guard.ts'

/**
 * Applies our address rules to every JavaScript socket of this process: net, tls, http, fetch,
 * WebSocket, UDP trackers, DHT, local discovery. It is for libraries that offer no hook for it, and
 * cannot be undone. A refused connection fails as if the system had refused it: with an `error`
 * event of code EACCES. Pipes and incoming connections are not affected. Sockets of native addons
 * (WebRTC, uTP) and worker threads are not covered.
 * @param groups datagrams may be sent there, although no rule allows it
 */
export function guardProcess(rules: AddressRules, groups: readonly MulticastGroup[] = []): void {
  guardStreams(rules)
  guardDatagrams(rules, groups)
}

function guardStreams(rules: AddressRules): void {
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket
  const guarded = function (this: Socket, ...args: unknown[]): Socket {
    const { options, callback } = connectArguments(args)
    if (!options) return connect.apply(this, args)
    return connect.call(this, { ...options, ...checked(rules, options) }, callback)
  }
  Socket.prototype.connect = guarded as typeof Socket.prototype.connect
}

/**
 * The host and look-up to connect with. A refused literal address becomes a name whose look-up
 * fails: so the socket passes through the states of any failed connection, and earlier writes wait.
 * Pipes ignore both options, so a path together with a host does not evade the check.
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
