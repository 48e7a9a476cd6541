import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { EngineOptions } from '../../protocol/messages.ts'

/** A SOCKS5 proxy, with the user that it wants to hear of (RFC 1929). */
export type ProxyServer = NonNullable<EngineOptions['proxy']>

/** An address, or a name that the proxy resolves. */
export interface Target {
  readonly host: string
  readonly port: number
}

export const Command = { connect: 1, udpAssociate: 3 } as const
/** What a proxy answers to a command that it does not know (RFC 1928 6). */
export const COMMAND_NOT_SUPPORTED = 7
const [SOCKS5, SUB_NEGOTIATION, NO_PASSWORD, PASSWORD] = [5, 1, 0, 2]
const [IPV4, NAME, IPV6] = [1, 3, 4]
const MAX_NAME_BYTES = 255

/** RFC 1928 3: which ways to sign in we know. */
export const greeting = ({ user }: ProxyServer): Buffer =>
  Buffer.from(user === undefined ? [SOCKS5, 1, NO_PASSWORD] : [SOCKS5, 2, NO_PASSWORD, PASSWORD])

/** Whether the proxy wants a password. @throws Error when it chose none of our ways */
export function wantsPassword([version, method]: Buffer, { user }: ProxyServer): boolean {
  if (version !== SOCKS5) throw new Error('it does not speak SOCKS5')
  if (method === NO_PASSWORD) return false
  if (method === PASSWORD && user !== undefined) return true
  throw new Error('it wants to be signed in to in another way')
}

/** RFC 1929 2. */
export function credentials({ user = '', password = '' }: ProxyServer): Buffer {
  const [name, word] = [Buffer.from(user), Buffer.from(password)]
  return Buffer.concat([
    Buffer.from([SUB_NEGOTIATION, name.length]),
    name,
    Buffer.from([word.length]),
    word,
  ])
}

/** RFC 1928 4. */
export const request = (command: number, target: Target): Buffer =>
  Buffer.concat([Buffer.from([SOCKS5, command, 0]), addressBytes(target)])

/** What goes before a datagram on its way to the proxy (RFC 1928 7). */
export const datagramHeader = (target: Target): Buffer =>
  Buffer.concat([Buffer.alloc(3), addressBytes(target)])

/** Bytes of a whole reply (RFC 1928 6), by its first five. */
export function replyLength(head: Buffer): number {
  const length = addressLength(head, 3)
  if (head[0] !== SOCKS5 || length === undefined) throw new Error('its answer makes no sense')
  return 3 + length
}

/** The status of a whole reply, 0 for success, and the address in it. */
export const readReply = (bytes: Buffer): { readonly status: number; readonly bound: Target } => ({
  status: bytes[1] ?? 1,
  bound: addressAt(bytes, 3) ?? { host: '', port: 0 },
})

/**
 * A datagram that came through the proxy: who sent it, and what. Undefined when it is none, a fragment
 * (RFC 1928 7: who does not put them together drops them), or of a sender without an IP address.
 */
export function readDatagram(
  bytes: Buffer,
): { readonly from: Target; readonly payload: Buffer } | undefined {
  if (bytes.length < 10 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0) return undefined
  const length = addressLength(bytes, 3)
  const from = addressAt(bytes, 3)
  if (length === undefined || !from || from.port === 0 || isIP(from.host) === 0) return undefined
  return { from, payload: bytes.subarray(3 + length) }
}

function addressBytes({ host, port }: Target): Buffer {
  const family = isIP(host)
  const name = Buffer.from(host)
  if (family === 0 && name.length > MAX_NAME_BYTES) throw new Error('a name that is too long')
  const kind = family === 0 ? [NAME, name.length] : [isIPv4(host) ? IPV4 : IPV6]
  const address = family === 0 ? name : Buffer.from(ipaddr.parse(host).toByteArray())
  return Buffer.concat([Buffer.from(kind), address, Buffer.from([port >> 8, port & 255])])
}

/** Bytes of the address and port at `at`; undefined when it is no kind of address. */
function addressLength(bytes: Buffer, at: number): number | undefined {
  const kind = bytes[at]
  if (kind === IPV4) return 1 + 4 + 2
  if (kind === IPV6) return 1 + 16 + 2
  return kind === NAME ? 2 + (bytes[at + 1] ?? 0) + 2 : undefined
}

function addressAt(bytes: Buffer, at: number): Target | undefined {
  const length = addressLength(bytes, at)
  if (length === undefined || bytes.length < at + length) return undefined
  const port = bytes.readUInt16BE(at + length - 2)
  if (bytes[at] === NAME) return { host: bytes.toString('latin1', at + 2, at + length - 2), port }
  const address = ipaddr.fromByteArray([...bytes.subarray(at + 1, at + length - 2)])
  return { host: address.toString(), port }
}
