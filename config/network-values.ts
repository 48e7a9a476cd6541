import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { parseAllow } from '../common/network/address-rules.ts'
import { isForeignUrl } from '../common/network/foreign-url.ts'
import { localAddresses } from '../common/network/local-address.ts'
import { BadValue, type Parse, shown } from './bad-value.ts'
import type { ProxyPlace } from './config.ts'
import { onOff } from './plain-values.ts'

/** IANA's for SOCKS. */
const SOCKS_PORT = 1080
const HOST_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i

/** An address or a host name, without brackets and without a port. */
export const listenHost: Parse<string> = (text) => {
  if (isIP(text) !== 0) return text
  // All digits and dots, yet no address: a typing error that a name look-up would only hide.
  if (HOST_NAME.test(text) && !/^[\d.]+$/.test(text)) return text
  throw new BadValue(`must be an IP address or a host name without a port, not ${shown(text)}.`)
}

/** An address or an interface that this machine has now: without it the server does not start. */
export const localPlace: Parse<string> = (text) => {
  if (localAddresses(text)) return text
  const names = Object.keys(networkInterfaces()).join(', ')
  throw new BadValue(
    `must be an address or an interface of this machine, and ${shown(text)} is none now (its interfaces: ${names}). Start the VPN first, or set another.`,
  )
}

/** `on` becomes `auto`, `off` undefined; else the address of a gateway, which NAT-PMP has for IPv4 only. */
export const portMap: Parse<string | undefined> = (text) => {
  if (isIP(text) === 4) return text
  try {
    return onOff(text, '') ? 'auto' : undefined
  } catch {
    throw new BadValue(`must be on, off or the IPv4 address of a gateway, not ${shown(text)}.`)
  }
}

/** `socks5://host:port`, with or without a user and password. It holds a secret: said, never shown. */
export const socksProxy: Parse<ProxyPlace> = (text) => {
  const url = /^socks5h?:\/\//i.test(text) ? URL.parse(text) : null
  const [user, password] = [partOf(url?.username), partOf(url?.password)]
  const isWhole = url && url.hostname !== '' && /^\/?$/.test(url.pathname) && !/[?#]/.test(text)
  if (!isWhole || url.port === '0' || (user === undefined) !== (password === undefined)) {
    throw new BadValue('must be socks5://host:port or socks5://user:password@host:port.')
  }
  // RFC 1929 2 has one byte for each length.
  if ([user, password].some((part) => Buffer.byteLength(part ?? '') > 255)) {
    throw new BadValue('must have a user and a password of at most 255 bytes each.')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { host, port: Number(url.port || SOCKS_PORT), user, password }
}

function partOf(encoded: string | undefined): string | undefined {
  try {
    return encoded ? decodeURIComponent(encoded) : undefined
  } catch {
    return undefined
  }
}

/** @throws BadValue; a password in it is said, never shown */
function webUrl(text: string): URL {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new BadValue(`must be an http or https URL, not ${shown(text)}.`)
  }
  if (url.username || url.password) throw new BadValue('must not hold a user name or a password.')
  return url
}

/** Base of every URL handed out: http(s), path prefix allowed; comes back without trailing slash. */
export const baseUrl: Parse<string> = (text) => {
  const url = webUrl(text)
  // Looked for in the text: URL drops a lone "?" or "#" that would end up in the middle of links.
  if (/[?#]/.test(text)) throw new BadValue(`must have no "?" and no "#", unlike ${shown(text)}.`)
  return url.origin + url.pathname.replace(/(?<!\/)\/+$/, '')
}

/** Where other nodes reach this one: as the base of URLs, without a path. */
export const nodeUrl: Parse<string> = (text, cwd) => {
  const url = baseUrl(text, cwd)
  if (new URL(url).origin === url) return url
  throw new BadValue(`must have no path behind the host, unlike ${shown(text)}.`)
}

/** Names that Express (proxy-addr) knows for ranges of addresses. */
const PROXY_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal'])

function isProxyRange(entry: string): boolean {
  if (PROXY_RANGES.has(entry)) return true
  const [address = '', prefix, ...more] = entry.split('/')
  const bits = isIP(address) === 6 ? 128 : 32
  if (isIP(address) === 0 || more.length > 0) return false
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits)
}

/** Express' `trust proxy`: a number of hops, true, false, or a list of ranges. */
export const trustProxy: Parse<string | number | boolean> = (text) => {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^\d{1,2}$/.test(text)) return Number(text)
  const entries = text.split(',').map((entry) => entry.trim())
  const bad = entries.find((entry) => !isProxyRange(entry))
  if (bad === undefined) return entries.join(',')
  throw new BadValue(
    `must be a number of hops, or addresses, CIDRs, loopback, linklocal, uniquelocal separated by commas; ${shown(bad)} is none of them.`,
  )
}

/** `host:port` or `[ip]:port`, separated by commas or spaces. */
export const dhtNodes: Parse<readonly string[]> = (text) => {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  for (const entry of entries) {
    const [, six = '', host = '', port = ''] =
      /^(?:\[([^\]]*)\]|([^:]*)):([1-9]\d{0,4})$/.exec(entry) ?? []
    const isHost = isIP(six) === 6 || isIP(host) === 4 || HOST_NAME.test(host)
    if (!isHost || Number(port) > 65_535) {
      throw new BadValue(
        `must be hosts with their ports, such as dht.example.org:6881, not ${shown(entry)}.`,
      )
    }
  }
  if (entries.length === 0) throw new BadValue('must name at least one host with its port.')
  return entries
}

/**
 * Trackers, and addresses of lists of them: an http address is a tracker's if its path has `announce`
 * in it. Separated by commas or spaces. They may hold keys, so a fault names an entry by its place.
 */
export const trackerUrls: Parse<{
  readonly trackers: readonly string[]
  readonly lists: readonly string[]
}> = (text) => {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  const bad = entries.findIndex((entry) => !isForeignUrl(entry, ['udp:', 'http:', 'https:']))
  if (bad !== -1 || entries.length === 0) {
    throw new BadValue(
      `must be udp, http or https URLs without a user name; entry ${bad + 1} is none.`,
    )
  }
  const isTracker = (entry: string): boolean =>
    /^udp:/i.test(entry) || new URL(entry).pathname.includes('announce')
  return {
    trackers: entries.filter(isTracker),
    lists: entries.filter((entry) => !isTracker(entry)),
  }
}

/** CIDRs with an optional port, separated by commas or spaces; kept as written. */
export const allowList: Parse<readonly string[]> = (text) => {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  for (const entry of entries) {
    try {
      parseAllow(entry)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new BadValue(`has a bad entry: ${why}`)
    }
  }
  return entries
}

/** An address that a page links to: http or https, without a user name and a password. */
export const webPage: Parse<string> = (text) => webUrl(text).href

/** Neither a name in quotes nor comments (RFC 5322): what a mailto link takes as it stands. */
const MAIL = /^[\w.+-]{1,64}@[a-z\d-]+(?:\.[a-z\d-]+)+$/i

/** What a link goes to: an e-mail address becomes a mailto one (RFC 6068). */
export const contact: Parse<string> = (text, cwd) => {
  if (MAIL.test(text)) return `mailto:${text}`
  try {
    return webPage(text, cwd)
  } catch {
    throw new BadValue(`must be an e-mail address or an http or https URL, not ${shown(text)}.`)
  }
}
