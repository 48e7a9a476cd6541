import { createServer, type Socket } from 'node:net'
import { bencode, bencodedInteger } from '../bencode.ts'
import { createMseResponder, type MseResponder } from '../clients/mse.ts'
import { listen } from '../server/listening.ts'
import { sha1 } from './payload.ts'

export interface PeerPlan {
  /** The bencoded info dictionary, served to whoever asks (BEP 9). */
  readonly info: Buffer
  readonly pieceLength: number
  /** Pieces it says it has; 0: none. */
  readonly pieceCount: number
  /** What it answers to a request; undefined: silence. */
  block?(offset: number, length: number): Buffer | undefined
  readonly address?: string
  /** When it unchokes who connects, milliseconds after the handshake; at once without it. */
  readonly unchokesAfterMs?: number
  /** Nor before that: what another peer does first, on a machine of any speed. */
  readonly unchokesAfter?: Promise<unknown>
  /** Where it says that its node of the DHT is (BEP 5). */
  readonly dhtPort?: number
  /** Hangs up on whoever begins in plain. */
  readonly encryptedOnly?: boolean
}

export interface Peer {
  /** `ip:port` */
  readonly peer: string
  readonly connections: number
  /** Bytes of blocks sent. */
  readonly sent: number
  close(): Promise<void>
}

const METADATA_BLOCK = 16 * 1024
const OUR_METADATA_ID = 2
const HANDSHAKE_BYTES = 68

/** A BitTorrent peer of our own (BEP 3, 9, 10) that says what honest clients never would. */
export async function startPeer(plan: PeerPlan): Promise<Peer> {
  const sockets = new Set<Socket>()
  const counts = { connections: 0, sent: 0 }
  const server = createServer((socket) => {
    counts.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    converse(socket, plan, counts)
  })
  const address = plan.address ?? '127.0.0.21'
  const port = await listen(server, address)
  return {
    peer: `${address}:${port}`,
    get connections() {
      return counts.connections
    },
    get sent() {
      return counts.sent
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Where framed messages go: straight to the socket, or sealed on the way. */
type Send = (bytes: Buffer) => void

function converse(socket: Socket, plan: PeerPlan, counts: { sent: number }): void {
  let pending: Buffer = Buffer.alloc(0)
  let greeted = false
  let theirMetadataId = 0
  let mse: MseResponder | undefined
  const raw: Send = (bytes) => void socket.write(bytes)
  const send: Send = (bytes) => raw(mse ? mse.seal(bytes) : bytes)
  const onMessage = (id: number, body: Buffer): void => {
    if (id === 6 && mayAsk) serveBlock(send, plan, body, counts)
    if (id !== 20) return
    if (body[0] === 0) theirMetadataId = bencodedInteger(body, 'ut_metadata') ?? 0
    if (body[0] === OUR_METADATA_ID) serveMetadata(send, plan.info, body, theirMetadataId)
  }
  let mayAsk = false
  const unchoke = (): void => {
    const timer = setTimeout(async () => {
      await plan.unchokesAfter
      mayAsk = true
      if (plan.pieceCount > 0 && !socket.destroyed) send(framed(1))
    }, plan.unchokesAfterMs ?? 0)
    socket.once('close', () => clearTimeout(timer))
  }
  let first = true
  socket.on('data', (chunk: Buffer) => {
    if (first && chunk[0] === 19 && plan.encryptedOnly) {
      socket.destroy()
      return
    }
    // 19 begins a plain handshake; a public key, which is random, begins an encrypted one
    if (first && chunk[0] !== 19) mse = createMseResponder(sha1(plan.info), raw)
    first = false
    pending = Buffer.concat([pending, mse ? mse.feed(chunk) : chunk])
    if (!greeted) {
      if (pending.length < HANDSHAKE_BYTES) return
      greeted = true
      pending = pending.subarray(HANDSHAKE_BYTES)
      greet(send, plan)
      unchoke()
    }
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0)
      if (pending.length < 4 + length) return
      const message = pending.subarray(4, 4 + length)
      pending = pending.subarray(4 + length)
      if (length > 0) onMessage(message[0] ?? 0, message.subarray(1))
    }
  })
}

/** Handshake, extension handshake, bitfield. */
function greet(send: Send, plan: PeerPlan): void {
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0])
  const id = Buffer.from(`-XX0001-${String(Math.random()).slice(2, 14).padEnd(12, '0')}`)
  send(
    Buffer.concat([
      Buffer.from([19]),
      Buffer.from('BitTorrent protocol'),
      reserved,
      sha1(plan.info),
      id,
    ]),
  )
  const hello = bencode({ m: { ut_metadata: OUR_METADATA_ID }, metadata_size: plan.info.length })
  send(framed(20, Buffer.from([0]), hello))
  if (plan.pieceCount > 0) {
    const bits = Buffer.alloc(Math.ceil(plan.pieceCount / 8))
    for (let i = 0; i < plan.pieceCount; i++) bits[i >> 3] = (bits[i >> 3] ?? 0) | (128 >> (i & 7))
    send(framed(5, bits))
  }
  if (plan.dhtPort) send(framed(9, Buffer.from([plan.dhtPort >> 8, plan.dhtPort & 255])))
}

function serveMetadata(send: Send, info: Buffer, body: Buffer, theirId: number): void {
  if (bencodedInteger(body, 'msg_type') !== 0) return
  const piece = bencodedInteger(body, 'piece') ?? 0
  const part = info.subarray(piece * METADATA_BLOCK, (piece + 1) * METADATA_BLOCK)
  const head = bencode({ msg_type: 1, piece, total_size: info.length })
  send(framed(20, Buffer.from([theirId]), head, part))
}

function serveBlock(send: Send, plan: PeerPlan, body: Buffer, counts: { sent: number }): void {
  const [index, begin, length] = [body.readUInt32BE(0), body.readUInt32BE(4), body.readUInt32BE(8)]
  const block = plan.block?.(index * plan.pieceLength + begin, length)
  if (!block) return
  counts.sent += block.length
  const head = Buffer.alloc(8)
  head.writeUInt32BE(index, 0)
  head.writeUInt32BE(begin, 4)
  send(framed(7, head, block))
}

/** A message: four bytes of length, one of type, the rest. */
function framed(id: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([id]), ...parts])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
