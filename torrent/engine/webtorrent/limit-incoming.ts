import type { Server, Socket } from 'node:net'
import { addressGroup } from '../../../common/network/address-group.ts'

/** Connections that others made to us, of all torrents and of none yet. */
const MAX_INCOMING = 200
/** Of these, from one address; several peers may share one (RFC 6888). */
const MAX_OF_ADDRESS = 10

/**
 * webtorrent takes every connection, and waits 25 s for its handshake: thousands of silent ones cost
 * more memory than the engine may have. Call before it listens.
 */
export function limitIncoming(server: Server): void {
  const open = new Map<string, number>()
  server.maxConnections = MAX_INCOMING
  // Before webtorrent's listener: it lets a socket alone that was closed already.
  server.prependListener('connection', (socket: Socket) => {
    const from = addressGroup(socket.remoteAddress ?? '')
    const count = open.get(from) ?? 0
    if (count >= MAX_OF_ADDRESS) {
      socket.destroy()
      return
    }
    open.set(from, count + 1)
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1
      if (left === 0) open.delete(from)
      else open.set(from, left)
    })
  })
}
