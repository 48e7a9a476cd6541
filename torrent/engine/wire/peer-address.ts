import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The address a peer listens on. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
  /** The one spelling of this address: `1.2.3.4:5` or `[2001:db8::1]:5`. */
  readonly text: string
}

/**
 * Undefined unless the text is an IP address with a port: host names from peers are never looked
 * up.
 */
export function readPeerAddress(text: string): PeerAddress | undefined {
  const [, given = '', digits = ''] = /^\[?([0-9a-f:.]+)\]?:(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (isIP(given) === 0 || port < 1 || port > 65_535) return undefined
  // IPv6 has many spellings, and holds IPv4: what is one address must not be two peers.
  const host = ipaddr.process(given).toString()
  return { host, port, text: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` }
}
