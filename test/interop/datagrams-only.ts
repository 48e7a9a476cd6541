import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/**
 * An address that carries datagrams to a client and refuses TCP: no client of these can be told to
 * listen for uTP only, and behind many routers that is what is left of one.
 */
export async function datagramsOnly(
  port: number,
): Promise<{ peer: string; close(): Promise<void> }> {
  const outside = createSocket('udp4')
  /** One socket a sender, so that the client can tell them apart. */
  const inside = new Map<string, Socket>()
  outside.on('message', (message, { address, port: from }) => {
    const sender = `${address}:${from}`
    let socket = inside.get(sender)
    if (!socket) {
      socket = createSocket('udp4')
      socket.on('error', () => {})
      socket.on('message', (answer) => outside.send(answer, from, address))
      inside.set(sender, socket)
    }
    socket.send(message, port, '127.0.0.1')
  })
  outside.bind(0, '127.0.0.1')
  await once(outside, 'listening')
  return {
    peer: `127.0.0.1:${outside.address().port}`,
    close: async () => {
      for (const socket of [...inside.values(), outside]) socket.close()
    },
  }
}
