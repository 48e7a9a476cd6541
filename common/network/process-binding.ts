import dgram from 'node:dgram'
import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIP, type LookupFunction, Server, Socket } from 'node:net'
import { type ConnectOptions, connectArguments } from './connect-arguments.ts'
import type { MulticastGroup } from './datagram-guard.ts'
import type { LocalAddresses } from './local-address.ts'

type Call = (this: unknown, ...args: unknown[]) => unknown

/** There is no address of our own to go there by. */
class NoWayOut extends Error {
  override readonly name = 'NoWayOut'
  readonly code = 'EADDRNOTAVAIL'
}

/**
 * Every JavaScript socket of this process leaves by these addresses, or fails: connections, listeners,
 * datagrams and look-ups, also of libraries that offer no hook for it. It cannot be undone, and comes
 * before guardProcess. Sockets of native addons and worker threads are not covered.
 * @param lookup asks name servers by these addresses; it takes the place of the system's look-up, which
 *   leaves as it likes
 * @param group a socket that binds its port hears this group
 */
export function bindProcess(
  local: LocalAddresses,
  lookup: LookupFunction,
  group?: MulticastGroup,
): void {
  bindStreams(local)
  bindListeners(local)
  bindDatagrams(local, group)
  dns.lookup = systemLookup(lookup) as typeof dns.lookup
  syncBuiltinESMExports()
}

function bindStreams(local: LocalAddresses): void {
  const connect = Socket.prototype.connect as Call
  const bound = function (this: Socket, ...args: unknown[]): unknown {
    const { options, callback } = connectArguments(args)
    // As node decides: http hands over a path of null.
    if (!options || options.path) return connect.apply(this, args)
    if (callback) this.once('connect', callback)
    // What is written waits, as while node itself looks a name up.
    const state = this as { connecting: boolean }
    state.connecting = true
    const go = (error: Error | null, found: readonly LookupAddress[]): void => {
      if (this.destroyed) return
      const to = reachable(found, local)
      if (error || !to) this.destroy(error ?? new NoWayOut('no local address for this peer'))
      else connect.call(this, { ...options, host: to.address, localAddress: to.by })
    }
    findAddresses(options, go)
    return this
  }
  Socket.prototype.connect = bound as typeof Socket.prototype.connect
}

/** Never calls back before it has returned. */
function findAddresses(
  { host, lookup }: ConnectOptions,
  found: (error: Error | null, addresses: readonly LookupAddress[]) => void,
): void {
  const name = host || 'localhost'
  const family = isIP(name)
  if (family !== 0) {
    process.nextTick(found, null, [{ address: name, family }])
    return
  }
  const resolve = lookup ?? (dns.lookup as LookupFunction)
  resolve(name, { all: true }, (error, address, of) => {
    const addresses = typeof address === 'string' ? [{ address, family: of ?? 0 }] : (address ?? [])
    process.nextTick(found, error, error ? [] : addresses)
  })
}

/** The first address that one of ours can reach, IPv4 first, and that one. */
function reachable(
  found: readonly LookupAddress[],
  { four, six }: LocalAddresses,
): { readonly address: string; readonly by: string } | undefined {
  for (const [family, by] of [[4, four] as const, [6, six] as const]) {
    const address = found.find((one) => isIP(one.address) === family)?.address
    if (address !== undefined && by !== undefined) return { address, by }
  }
  return undefined
}

function bindListeners({ four, six }: LocalAddresses): void {
  const listen = Server.prototype.listen as Call
  const host = four ?? six
  const bound = function (this: Server, ...args: unknown[]): unknown {
    const [first] = args
    const given = typeof first === 'object' && first !== null ? first : { port: first }
    if (!('port' in given)) return listen.apply(this, args)
    const callback = args.findLast((one) => typeof one === 'function')
    return listen.call(this, { ...given, host: hostOf(given, [four, six]) ?? host }, callback)
  }
  Server.prototype.listen = bound as typeof Server.prototype.listen
}

/** The host that is asked for, where it is one of ours. */
function hostOf(given: object, ours: readonly (string | undefined)[]): string | undefined {
  const host = 'host' in given ? given.host : undefined
  return typeof host === 'string' && ours.includes(host) ? host : undefined
}

function bindDatagrams({ four, six }: LocalAddresses, group: MulticastGroup | undefined): void {
  const bind = dgram.Socket.prototype.bind as Call
  const bound = function (this: dgram.Socket, ...args: unknown[]): unknown {
    const [first] = args
    const given = typeof first === 'object' && first !== null ? first : { port: first }
    const port = 'port' in given ? given.port : undefined
    const local = (this as { type?: string }).type === 'udp6' ? six : four
    // Bound to an address of its own, a socket hears nothing of the group.
    const address = group && port === group.port && local ? group.host : local
    if (address === undefined) {
      process.nextTick(() => {
        if (this.listenerCount('error') > 0) this.emit('error', new NoWayOut('no such address'))
      })
      return this
    }
    const callback = args.findLast((one) => typeof one === 'function')
    return bind.call(this, { ...given, port, address }, callback)
  }
  dgram.Socket.prototype.bind = bound as typeof dgram.Socket.prototype.bind
}

/** In place of dns.lookup, with or without options. */
function systemLookup(lookup: LookupFunction) {
  type Done = (error: Error | null, address?: unknown, family?: number) => void
  return (name: string, given: unknown, last?: Done): void => {
    const done = typeof given === 'function' ? (given as Done) : last
    const options = typeof given === 'object' && given !== null ? given : {}
    const wanted = typeof given === 'number' ? given : 'family' in options ? options.family : 0
    lookup(name, { all: true }, (error, found) => {
      const all = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      const fit = (error ? [] : all).filter((one) => !wanted || one.family === wanted)
      const [first] = fit
      if (error || !first) done?.(error ?? new NoWayOut(`no address for ${name}`))
      else if ('all' in options && options.all) done?.(null, fit)
      else done?.(null, first.address, first.family)
    })
  }
}
