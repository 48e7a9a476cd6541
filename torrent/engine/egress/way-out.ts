import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIP, type LookupFunction } from 'node:net'
import { type AddressRules, createAddressRules } from '../../../common/network/address-rules.ts'
import type { MulticastGroup } from '../../../common/network/datagram-guard.ts'
import { type LocalAddresses, localAddresses } from '../../../common/network/local-address.ts'
import { bindProcess } from '../../../common/network/process-binding.ts'
import { guardProcess } from '../../../common/network/process-guard.ts'
import type { EngineOptions } from '../../protocol/messages.ts'
import { createBoundLookup } from '../trackers/tracker-lookup.ts'
import { ProxyDialer } from './proxy-dialer.ts'
import type { ProxyServer } from './socks-messages.ts'
import { tunnelDatagrams } from './tunnel-datagrams.ts'
import { tunnelStreams } from './tunnel-streams.ts'

/** How the sockets of this process leave, whoever opens them. */
export interface WayOut {
  /** What TORRENT_BIND means now; undefined: the system chooses. */
  readonly local?: LocalAddresses | undefined
  /** For names; undefined: the system's may be asked. */
  readonly lookup?: LookupFunction | undefined
  /** Everything goes through a proxy: it resolves all names, and no peer can connect to us. */
  readonly proxied?: boolean
}

/**
 * Sets the way out of the whole process, once and for good: before anything opens a socket. Sockets
 * need not ask for it, those of libraries and of later folders neither.
 * @param groups the multicast groups that may be sent to; with an address to leave by the first one
 * @param noDatagrams called when the proxy relays none
 * @returns undefined when this machine has not the address that all must leave by
 */
export function openWayOut(
  { allow, bind, proxy }: Pick<EngineOptions, 'allow' | 'bind' | 'proxy'>,
  groups: readonly MulticastGroup[],
  noDatagrams: () => void,
): WayOut | undefined {
  const local = bind === undefined ? undefined : localAddresses(bind)
  if (bind !== undefined && !local) return undefined
  const lookup = local && createBoundLookup(local)
  if (local && lookup) bindProcess(local, lookup, groups[0])
  const rules = createAddressRules(allow)
  if (proxy) tunnelProcess(proxy, rules, noDatagrams)
  else guardProcess(rules, groups)
  return { local, lookup, proxied: proxy !== undefined }
}

/** In place of guardProcess: what our rules allow goes to the proxy, and nothing goes elsewhere. */
function tunnelProcess(proxy: ProxyServer, rules: AddressRules, noDatagrams: () => void): void {
  const lookup = dns.lookup as LookupFunction
  const dialer = new ProxyDialer(proxy, rules, lookup)
  tunnelStreams(dialer)
  tunnelDatagrams(dialer, lookup, noDatagrams)
  // Sockets ask it for literal addresses too.
  dns.lookup = ((name: string, ...rest: unknown[]): void => {
    const done = rest.at(-1) as (error: Error) => void
    if (isIP(name) !== 0) (lookup as (...args: unknown[]) => void)(name, ...rest)
    else process.nextTick(done, new Error(`${name} is looked up by the proxy alone`))
  }) as typeof dns.lookup
  syncBuiltinESMExports()
}
