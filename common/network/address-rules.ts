import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { isHostService } from './host-services.ts'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/**
 * Which addresses this server may connect to: a defence against server-side request forgery (SSRF).
 */
export interface AddressRules {
  /**
   * Whether we may connect or send there: the address is public unicast, or the operator allows it.
   * Where a cloud's host may answer with credentials, only a rule of that one address allows it.
   * `address` has any form that getaddrinfo accepts (`127.1`, `0x7f000001`); other text is refused.
   */
  allows(address: string, port: number): boolean
}

/** Allows addresses that are not public, on one port or, without a port, on all. */
export interface AllowRule {
  readonly address: Address
  readonly bits: number
  readonly port: number | undefined
}

/** @param allow see parseAllow @throws Error when a rule is invalid */
export function createAddressRules(allow: readonly string[]): AddressRules {
  const allowed = allow.map(parseAllow)
  const matches = (rule: AllowRule, address: Address, port: number): boolean =>
    (rule.port === undefined || rule.port === port) &&
    rule.address.kind() === address.kind() &&
    address.match(rule.address, rule.bits)
  const isAllowed = (address: Address, port: number): boolean => {
    const inner = innerAddresses(address)
    const narrow = [address, ...inner].some(isHostService)
    const rules = narrow ? allowed.filter(ofOneAddress) : allowed
    if (rules.some((rule) => matches(rule, address, port))) return true
    if (isHostService(address)) return false
    return inner.length > 0 ? inner.every((one) => isAllowed(one, port)) : isPublic(address)
  }
  return {
    allows(text, port) {
      const address = readAddress(text)
      return address !== undefined && isAllowed(address, port)
    },
  }
}

/**
 * Parses `192.168.0.0/16`, `10.0.0.5/32:8080`, `fd00::/8`, `[fd00::/8]:6881` or a single address.
 * @throws Error with a sentence that quotes the text
 */
export function parseAllow(text: string): AllowRule {
  const match =
    /^\[([0-9a-f:.]+)(?:\/(\d{1,3}))?\](?::(\d{1,5}))?$/i.exec(text) ??
    /^([\d.]+)(?:\/(\d{1,2}))?(?::(\d{1,5}))?$/.exec(text) ??
    /^([0-9a-f.]*:[0-9a-f:.]*)(?:\/(\d{1,3}))?()$/i.exec(text)
  const [, host = '', prefix, portText] = match ?? []
  const inBrackets = text.startsWith('[')
  const good = inBrackets ? isIPv6(host) : isIPv4(host) || isIPv6(host)
  const most = isIPv6(host) ? 128 : 32
  const bits = prefix ? Number(prefix) : most
  const port = portText ? Number(portText) : undefined
  if (!good || bits > most || port === 0 || (port ?? 0) > 65535) {
    throw new Error(
      `"${text}" must be a CIDR with an optional port, such as 192.168.0.0/16, 10.0.0.5/32:8080 or [fd00::/8]:6881.`,
    )
  }
  return { address: ipaddr.parse(host), bits, port }
}

const ofOneAddress = ({ address, bits }: AllowRule): boolean =>
  bits === (address.kind() === 'ipv6' ? 128 : 32)

function readAddress(text: string): Address | undefined {
  // ipaddr.js accepts IPv6 that the system refuses, such as `::ffff:0177.0.0.1`.
  if (text.includes(':') && !isIPv6(text)) return undefined
  try {
    return ipaddr.parse(text)
  } catch {
    return undefined
  }
}

/** The IPv4 addresses that a packet to this IPv6 address may reach; none for a native one. */
function innerAddresses(address: Address): ipaddr.IPv4[] {
  if (!('parts' in address)) return []
  const [a = 0, b = 0, c = 0, d = 0, , , g = 0, h = 0] = address.parts
  const zeros = (from: number, to: number): boolean =>
    address.parts.slice(from, to).every((part) => part === 0)
  const last = ipv4Of(g, h)
  // IPv4-compatible (deprecated, RFC 4291 2.5.5.1; `::` and `::1` fall in here and are not public).
  if (zeros(0, 6)) return [last]
  // IPv4-mapped (RFC 4291 2.5.5.2) and IPv4-translated (RFC 2765).
  if (zeros(0, 5) && address.parts[5] === 0xffff) return [last]
  if (zeros(0, 4) && address.parts[4] === 0xffff && address.parts[5] === 0) return [last]
  // NAT64 (RFC 6052). Its local prefix 64:ff9b:1::/48 (RFC 8215) is not public.
  if (a === 0x64 && b === 0xff9b && zeros(2, 6)) return [last]
  // 6to4 (RFC 3056).
  if (a === 0x2002) return [ipv4Of(b, c)]
  // Teredo (RFC 4380): the server, and the client with all its bits inverted.
  if (a === 0x2001 && b === 0) return [ipv4Of(c, d), ipv4Of(g ^ 0xffff, h ^ 0xffff)]
  return []
}

const ipv4Of = (high: number, low: number): ipaddr.IPv4 =>
  new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff])

/** Global unicast; of IPv6 only 2000::/3, from which IANA assigns all of it (RFC 4291 2.4). */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return !('parts' in address) || ((address.parts[0] ?? 0) & 0xe000) === 0x2000
}
