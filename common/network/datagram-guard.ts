import dgram from 'node:dgram'
import dns from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { AddressRules } from './address-rules.ts'
import { checkedLookup, RefusedAddress } from './checked-lookup.ts'

type Call = (this: dgram.Socket, ...args: unknown[]) => unknown

/** No address of a machine: who has joined it hears what is sent there. */
export interface MulticastGroup {
  readonly host: string
  readonly port: number
}

/**
 * The UDP half of guardProcess: names are resolved here, and node gets the address that was
 * checked.
 * @param groups may be sent to, although no rule allows it
 */
export function guardDatagrams(rules: AddressRules, groups: readonly MulticastGroup[] = []): void {
  const { send, connect } = dgram.Socket.prototype
  const guardedSend: Call = function (...args) {
    const portAt = portIndex(args)
    const isGroup = groups.some(
      ({ port, host }) => args[portAt] === port && args[portAt + 1] === host,
    )
    if (isGroup) return send.apply(this, args as Parameters<typeof send>)
    return forward({ rules, socket: this, original: send as Call, args, portAt })
  }
  const guardedConnect: Call = function (...args) {
    return forward({ rules, socket: this, original: connect as Call, args, portAt: 0 })
  }
  dgram.Socket.prototype.send = guardedSend as typeof send
  dgram.Socket.prototype.connect = guardedConnect as typeof connect
}

/**
 * Where the port stands in the arguments of a send, before the host: send(msg, port, host?, cb?) or
 * send(msg, offset, length, port, host?, cb?); node decides likewise.
 */
export function portIndex(args: readonly unknown[]): 1 | 3 {
  return args[4] || (Boolean(args[3]) && typeof args[3] !== 'function') ? 3 : 1
}

interface Outgoing {
  readonly rules: AddressRules
  readonly socket: dgram.Socket
  readonly original: Call
  readonly args: unknown[]
  /** Index of the port in `args`; the host follows it. */
  readonly portAt: number
}

function forward(out: Outgoing): unknown {
  const { rules, socket, original, args, portAt } = out
  const given = args[portAt + 1]
  const named = given === undefined || given === null || typeof given === 'function'
  // A send on a connected socket has no port; its address was checked when it connected. A host
  // that is not a string (the arguments of such a send can look so) fails in the original.
  if (typeof args[portAt] === 'function' || args[portAt] === undefined) {
    return original.apply(socket, args)
  }
  if (!named && typeof given !== 'string') return original.apply(socket, args)
  const six = (socket as { type?: string }).type === 'udp6'
  const host = (typeof given === 'string' && given) || (six ? '::1' : '127.0.0.1')
  const port = Number(args[portAt])
  if (isIP(host) === 0) return resolveAndForward(out, host, port, six ? 6 : 4)
  if (rules.allows(host, port)) return original.apply(socket, args)
  return fail(socket, args, new RefusedAddress(host, port))
}

function resolveAndForward(out: Outgoing, host: string, port: number, family: 4 | 6): void {
  const { rules, socket, original, args, portAt } = out
  const lookup = checkedLookup(rules, port, dns.lookup as LookupFunction)
  lookup(host, { family }, (error, address) => {
    if (error) return fail(socket, args, error)
    try {
      original.apply(socket, args.with(portAt + 1, address))
    } catch (thrown) {
      // The socket was closed during the look-up; no caller is left to catch the error.
      fail(socket, args, thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  })
}

/**
 * Reports a failed send as node does, to the callback or as an event, but never as an uncaught
 * error.
 */
function fail(socket: dgram.Socket, args: unknown[], error: Error): void {
  const callback = args.findLast((one) => typeof one === 'function')
  process.nextTick(() => {
    if (typeof callback === 'function') callback(error)
    else if (socket.listenerCount('error') > 0) socket.emit('error', error)
  })
}
