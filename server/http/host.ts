import { isIPv4, isIPv6 } from 'node:net'

const HOST =
  /^(?<name>[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::(?<port>\d{1,5}))?$/i

/** The name in a Host header (RFC 9110 7.2); undefined when it is not `name` or `name:port`. */
export function hostNameOf(text: string): string | undefined {
  const groups = HOST.exec(text)?.groups
  const name = groups?.name?.toLowerCase()
  if (name === undefined) return undefined
  if (name.startsWith('[') && !isIPv6(name.slice(1, -1))) return undefined
  const port = groups?.port === undefined ? undefined : Number(groups.port)
  return port !== undefined && port > 65_535 ? undefined : name
}

/** A name or an address as it stands in a URL (`[::1]`), or a socket's peer (`::ffff:127.0.0.1`). */
export function isLoopback(name: string): boolean {
  const bare = name.startsWith('[') ? name.slice(1, -1) : name
  if (bare === 'localhost' || bare === '::1') return true
  const v4 = bare.startsWith('::ffff:') ? bare.slice(7) : bare
  return isIPv4(v4) && v4.startsWith('127.')
}
