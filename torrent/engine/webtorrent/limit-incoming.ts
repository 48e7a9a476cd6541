import type { Server, Socket } from 'node:net'
import type { IncomingLimit } from '../peers/incoming-limit.ts'

/**
 * webtorrent takes every connection, and waits 25 s for its handshake: thousands of silent ones cost
 * more memory than the engine may have. Call before it listens.
 */
export function limitIncoming(server: Server, limit: IncomingLimit): void {
  // Before webtorrent's listener: it lets a socket alone that was closed already.
  server.prependListener('connection', (socket: Socket) => {
    const left = limit.enter(socket.remoteAddress ?? '')
    if (left) socket.once('close', left)
    else socket.destroy()
  })
}
