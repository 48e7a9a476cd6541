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

/** As it is, as `shortAddress` makes it, or not at all. */
export type ShownAddresses = 'full' | 'short' | 'off'

/** What an operator is shown of a viewer's address; IPv4 inside IPv6 as IPv4. */
export function shownAddress(address: string, shown: ShownAddresses): string {
  if (shown === 'off') return ''
  if (shown === 'short') return shortAddress(address)
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address
}
