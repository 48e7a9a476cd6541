// Preloaded into a server after loopback-only.ts: the names at which the DHT begins lead to the node
// of a test.
import dns from 'node:dns'
import { DHT_ADDRESS } from './dht-node.ts'

const lookup = dns.lookup as unknown as (...args: unknown[]) => void
dns.lookup = ((name: string, ...rest: unknown[]) => {
  if (!/^router\./.test(name)) return lookup(name, ...rest)
  return lookup(DHT_ADDRESS, ...rest)
}) as typeof dns.lookup
