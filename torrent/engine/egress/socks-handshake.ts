import type { Socket } from 'node:net'
import { ExactReader } from './exact-reader.ts'
import * as socks from './socks-messages.ts'

/** The proxy answered, and refuses. */
export class ProxyRefused extends Error {
  override readonly name = 'ProxyRefused'
  readonly code = 'ECONNREFUSED'
  /** As RFC 1928 6 numbers them. */
  readonly status: number

  constructor(status: number) {
    super(`the proxy refuses (${status})`)
    this.status = status
  }
}

/**
 * Signs in (RFC 1929) and asks for one command (RFC 1928) on a socket that is connected to the proxy and
 * that nobody reads yet; it takes no byte of what follows the reply.
 * @returns the address in the reply
 * @throws ProxyRefused, or another Error when the proxy does not speak as it should
 */
export async function socksHandshake(
  socket: Socket,
  proxy: socks.ProxyServer,
  command: number,
  target: socks.Target,
): Promise<socks.Target> {
  const reader = new ExactReader(socket)
  try {
    socket.write(socks.greeting(proxy))
    if (socks.wantsPassword(await reader.take(2), proxy)) {
      socket.write(socks.credentials(proxy))
      const [, status] = await reader.take(2)
      if (status !== 0) throw new Error('the proxy does not know this user and password')
    }
    socket.write(socks.request(command, target))
    const head = await reader.take(5)
    const rest = await reader.take(socks.replyLength(head) - head.length)
    const { status, bound } = socks.readReply(Buffer.concat([head, rest]))
    if (status !== 0) throw new ProxyRefused(status)
    return bound
  } finally {
    reader.end()
  }
}
