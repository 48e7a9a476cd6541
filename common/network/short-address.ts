import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * An address that tells two viewers apart without naming either: the /24 of an IPv4 one, the /48 of an
 * IPv6 one. Empty for what is no address.
 */
export function shortAddress(address: string): string {
  const group = /^(?<network>.*)::\/64$/.exec(address)?.groups?.network
  const text = group === undefined ? address : `${group}::`
  if (!ipaddr.isValid(text)) return ''
  const parsed = ipaddr.process(text).toString()
  if (isIPv4(parsed)) return `${parsed.slice(0, parsed.lastIndexOf('.') + 1)}x`
  const parts = ipaddr.IPv6.parse(parsed).parts.slice(0, 3)
  return `${parts.map((part) => part.toString(16)).join(':')}::x`
}
