import dns, { type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { LocalAddresses } from '../../../common/network/local-address.ts'

/** One try, and another with twice the time. */
const RESOLVE = { timeout: 2000, tries: 2 }

/**
 * Makes a look-up for the names of trackers, as net.connect takes it. getaddrinfo has few threads, and
 * each waits for seconds for a name that is gone: twenty dead trackers would hold up the live one, and
 * files are written by the same threads. So the name servers are asked without threads first. Names
 * that only this machine knows (/etc/hosts) are getaddrinfo's, after that.
 */
export function createTrackerLookup(): LookupFunction {
  const resolve = resolveBy(new dns.promises.Resolver(RESOLVE))
  return (name, options, callback) => {
    const system = (): void => void (dns.lookup as LookupFunction)(name, options, callback)
    if (isIP(name) !== 0 || !name.includes('.')) return system()
    void resolve(name).then((found) => {
      if (found.length === 0) system()
      else callback(null, found)
    })
  }
}

/**
 * A look-up that leaves by these addresses alone: getaddrinfo is not asked, so of the names that only
 * this machine knows it knows `localhost`.
 */
export function createBoundLookup({ four, six }: LocalAddresses): LookupFunction {
  const resolver = new dns.promises.Resolver(RESOLVE)
  // Without an address of ours of its family a name server would be asked by another.
  const isReachable = (server: string): boolean => Boolean(isIPv4Server(server) ? four : six)
  const servers = resolver.getServers().filter(isReachable)
  if (servers.length > 0) resolver.setServers(servers)
  resolver.setLocalAddress(four ?? '0.0.0.0', six ?? '::0')
  const resolve = servers.length > 0 ? resolveBy(resolver) : async () => []
  return (name, _options, callback) => {
    const answer = (found: LookupAddress[]): void => {
      if (found.length > 0) callback(null, found)
      else callback(new Error(`no address for ${name}`), '', 0)
    }
    const family = isIP(name)
    if (family !== 0) answer([{ address: name, family }])
    else if (name === 'localhost') answer([{ address: '127.0.0.1', family: 4 }])
    else void resolve(name).then(answer)
  }
}

const isIPv4Server = (server: string): boolean => /^[\d.]+(?::\d+)?$/.test(server)

/** Never rejects: a name that is not found has no address. */
function resolveBy(resolver: dns.promises.Resolver): (name: string) => Promise<LookupAddress[]> {
  const of = (answer: PromiseSettledResult<string[]>, family: number): LookupAddress[] =>
    answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : []
  return async (name) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    return [...of(four, 4), ...of(six, 6)]
  }
}

/** Every address of a tracker's host, IPv4 first. @throws Error when there is none, or one is refused */
export const addressesOf = (host: string, lookup: LookupFunction): Promise<LookupAddress[]> =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found) => {
      if (error) reject(error)
      else if (typeof found === 'string') resolve([{ address: found, family: isIP(found) }])
      else resolve([...found].sort((a, b) => a.family - b.family))
    })
  })
