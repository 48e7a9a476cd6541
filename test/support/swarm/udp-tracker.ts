import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { compactPeers } from './compact.ts'

export interface UdpTracker {
  readonly port: number
  /** How often somebody announced. */
  readonly announces: number
  close(): Promise<void>
}

/** A UDP tracker (BEP 15) that offers everybody the same peers (`ip:port`). */
export async function startUdpTracker(peers: readonly string[]): Promise<UdpTracker> {
  const socket = createSocket('udp4')
  let announces = 0
  socket.on('message', (message, from) => {
    const action = message.readUInt32BE(8)
    const head = Buffer.alloc(action === 0 ? 16 : 20)
    head.writeUInt32BE(action, 0)
    message.copy(head, 4, 12, 16)
    if (action === 1) {
      announces++
      head.writeUInt32BE(1800, 8)
      head.writeUInt32BE(peers.length, 16)
    }
    const rest = action === 1 ? compactPeers(peers) : Buffer.alloc(0)
    socket.send(Buffer.concat([head, rest]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    get announces() {
      return announces
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
