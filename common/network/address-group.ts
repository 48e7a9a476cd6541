import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** IPv4-mapped (RFC 4291 2.5.5.2). */
const MAPPED = '::ffff:'

/** As some proxies write it into X-Forwarded-For, with a new port for each connection. */
const WITH_PORT = /^(?:(?<v4>[\d.]+):\d{1,5}|\[(?<v6>[^\]]+)\](?::\d{1,5})?)$/

/** Longer than any address with its zone. */
const LONGEST = 80

function groupWithoutPort(text: string): string {
  // A header that a proxy hands on has up to 16 KiB, and thousands of groups are remembered: a copy, for a part
  // of a text keeps the whole of it.
  if (text.length > LONGEST) return Buffer.from(text.slice(0, LONGEST)).toString()
  const { v4 = '', v6 = v4 } = WITH_PORT.exec(text)?.groups ?? {}
  return ipaddr.isValid(v6) ? addressGroup(v6) : text
}

/**
 * Who counts as one where limits are counted: an IPv4 address, or the /64 of an IPv6 one, which is
 * what one household or one machine gets (RFC 6177). IPv4 inside IPv6 counts as IPv4,
 * and a port behind it does not count.
 * What is no address is its own group, by its beginning.
 */
export function addressGroup(address: string): string {
  if (isIPv4(address)) return address
  // As a socket that listens on both has it; asked at every request.
  const bare = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : ''
  if (isIPv4(bare)) return bare
  if (!ipaddr.isValid(address)) return groupWithoutPort(address)
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16))
  return `${network.join(':')}::/64`
}
