import { createServer, type Socket } from 'node:net'
import { handshake } from '../../../../torrent/engine/wire/peer-messages.ts'
import { listen } from '../../../support/server/listening.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { readNaively, type Told } from './naive-parser.ts'

/** Listens as a peer does, sends only what the test says, and keeps what it receives. */
export interface RawPeer {
  readonly host: string
  readonly port: number
  /** `ip:port` */
  readonly text: string
  readonly connections: number
  /** The last connection is open. */
  readonly open: boolean
  /** Whole messages of the last connection. */
  readonly heard: readonly Told[]
  /** Chunks of the last connection. */
  readonly chunks: number
  /** Resolves when a connection was made. */
  connected(): Promise<void>
  send(...bytes: readonly Uint8Array[]): void
  /** Stops reading. */
  pause(): void
  close(): Promise<void>
}

export const infoHash = payload('info hash', 20)
export const theirId = payload('their id', 20)
export const greeting = handshake(infoHash, theirId)

/** @param begin sent at the start of each connection */
export async function startRawPeer(begin?: Uint8Array, host = '127.0.0.1'): Promise<RawPeer> {
  const sockets = new Set<Socket>()
  let last: Socket | undefined
  let connections = 0
  let heard: Buffer[] = []
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    last = socket
    heard = []
    socket.on('data', (chunk: Buffer) => heard.push(chunk))
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    if (begin) socket.write(begin)
  })
  const port = await listen(server, host)
  return {
    host,
    port,
    text: `${host}:${port}`,
    get connections() {
      return connections
    },
    get open() {
      return last !== undefined && sockets.has(last)
    },
    get heard() {
      const stream = Buffer.concat(heard)
      return stream.length < 68 ? [] : readNaively(whole(stream))
    },
    get chunks() {
      return heard.length
    },
    connected: async () => void (await eventually('a connection', () => connections > 0)),
    send: (...bytes) => void last?.write(Buffer.concat(bytes)),
    pause: () => void last?.pause(),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The stream without an incomplete message at its end. */
function whole(stream: Buffer): Buffer {
  let at = 68
  while (at + 4 <= stream.length && at + 4 + stream.readUInt32BE(at) <= stream.length) {
    at += 4 + stream.readUInt32BE(at)
  }
  return stream.subarray(0, at)
}
