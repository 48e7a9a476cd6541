import dns, { type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'

/** One try, and another with twice the time. */
const RESOLVE = { timeout: 2000, tries: 2 }

/**
 * Makes a look-up for the names of trackers, as net.connect takes it. getaddrinfo has few threads, and
 * each waits for seconds for a name that is gone: twenty dead trackers would hold up the live one, and
 * files are written by the same threads. So the name servers are asked without threads first. Names
 * that only this machine knows (/etc/hosts) are getaddrinfo's, after that.
 */
export function createTrackerLookup(): LookupFunction {
  const resolver = new dns.promises.Resolver(RESOLVE)
  const resolve = async (name: string): Promise<LookupAddress[]> => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    const of = (answer: PromiseSettledResult<string[]>, family: number): LookupAddress[] =>
      answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : []
    return [...of(four, 4), ...of(six, 6)]
  }
  return (name, options, callback) => {
    const system = (): void => void (dns.lookup as LookupFunction)(name, options, callback)
    if (isIP(name) !== 0 || !name.includes('.')) return system()
    void resolve(name).then((found) => {
      if (found.length === 0) system()
      else callback(null, found)
    }, system)
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
