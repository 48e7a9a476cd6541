import { createServer, type Server } from 'node:net'
import type { LocalAddresses } from '../../../common/network/local-address.ts'

/**
 * A listener that is bound to an address hears that one only: this one hears IPv6 beside it, on the same
 * port, and hands its connections to the first. Closes with it. Undefined where none is needed.
 */
export function listenOnSixToo(
  first: Server,
  port: number,
  { four, six }: LocalAddresses,
): Server | undefined {
  if (four === undefined || six === undefined) return undefined
  const second = createServer((socket) => first.emit('connection', socket))
  // Without it peers still connect over IPv4.
  second.on('error', () => second.close())
  second.listen({ port, host: six, ipv6Only: true })
  first.once('close', () => second.close())
  return second
}
