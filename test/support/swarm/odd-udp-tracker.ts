import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

/** What a UDP tracker got, and where it goes; the answer is what is sent back, if anything. */
export type UdpAnswer = (message: Buffer, from: RemoteInfo) => Buffer | undefined

export interface OddUdpTracker {
  readonly port: number
  readonly heard: readonly Buffer[]
  close(): Promise<void>
}

/** A UDP tracker (BEP 15) that answers what the test says. */
export async function startOddUdpTracker(
  answer: UdpAnswer,
  host = '127.0.0.1',
): Promise<OddUdpTracker> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const heard: Buffer[] = []
  socket.on('message', (message, from) => {
    heard.push(message)
    const back = answer(message, from)
    if (back) socket.send(back, from.port, from.address)
  })
  socket.bind(0, host)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    heard,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

export const actionOf = (message: Buffer): number => message.readUInt32BE(8)

/** An answer to this message: its action, its transaction, and the rest. */
export function udpAnswer(message: Buffer, rest: Buffer, action = actionOf(message)): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(action, 0)
  message.copy(head, 4, 12, 16)
  return Buffer.concat([head, rest])
}

/** What follows the head of an answer to an announcement. */
export function udpPeers(compact: Buffer, interval = 1800): Buffer {
  const counts = Buffer.alloc(12)
  counts.writeUInt32BE(interval, 0)
  return Buffer.concat([counts, compact])
}
