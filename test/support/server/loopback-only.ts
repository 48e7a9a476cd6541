// Preloaded into the test runner and into every server that tests start: a connection to anywhere
// but this machine ends the process that tries it, and a name has no address. Not covered: programs
// that are not Node.

import dgram from 'node:dgram'
import dns, { type LookupAddress } from 'node:dns'
import { isIP, Socket } from 'node:net'

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$)/
/** The far end of a line to a network namespace of this machine, where test/interop opens one. */
const LINE = process.env.INTEROP ? '198.18.77.2' : undefined

function refuseOutside(address: unknown): void {
  if (typeof address !== 'string' || isIP(address) === 0) return
  if (LOOPBACK.test(address) || address === LINE) return
  throw new Error(`a test tried to reach ${address}: tests stay on this machine`)
}

const watched = new WeakSet<Socket>()
const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  // Once a socket: the event comes for each address that is tried, names resolved.
  if (!watched.has(this)) this.on('connectionAttempt', refuseOutside)
  watched.add(this)
  return connect.apply(this, args)
} as typeof Socket.prototype.connect

/** Sockets whose multicast stays on this machine. */
const staying = new WeakSet<dgram.Socket>()
const choose = dgram.Socket.prototype.setMulticastInterface
dgram.Socket.prototype.setMulticastInterface = function (this: dgram.Socket, address: string) {
  if (LOOPBACK.test(address)) staying.add(this)
  else staying.delete(this)
  choose.call(this, address)
}
const isMulticast = (address: unknown): boolean =>
  typeof address === 'string' && /^2(?:2[4-9]|3\d)\./.test(address)

const send = dgram.Socket.prototype.send as (this: dgram.Socket, ...args: unknown[]) => void
dgram.Socket.prototype.send = function (this: dgram.Socket, ...args: unknown[]) {
  for (const arg of args.slice(1)) {
    if (!(isMulticast(arg) && staying.has(this))) refuseOutside(arg)
  }
  send.apply(this, args)
} as typeof dgram.Socket.prototype.send

type Callback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void
const lookup = dns.lookup as unknown as (...args: unknown[]) => void
dns.lookup = ((name: string, ...rest: unknown[]) => {
  if (isIP(name) !== 0 || /^localhost\.?$/i.test(name)) return lookup(name, ...rest)
  const callback = rest.at(-1) as Callback
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
  process.nextTick(callback, error)
}) as typeof dns.lookup

// What the trackers' names are asked with, which goes out by sockets that no code here sees.
const { prototype } = dns.promises.Resolver
prototype.resolve4 = prototype.resolve6 = async (name: string): Promise<never> => {
  throw Object.assign(new Error(`query ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
}
