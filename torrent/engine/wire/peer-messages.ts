import type { Block } from '../blocks/block.ts'

/**
 * Message ids of the peer wire protocol (BEP 3), the DHT (BEP 5), fast extension (BEP 6), extension
 * protocol (BEP 10) and the hashes of v2 (BEP 52).
 */
export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const

const DHT_BIT = 0x01
const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1')
/** Length of a handshake (BEP 3). */
export const HANDSHAKE_BYTES = 68

/**
 * Our handshake (BEP 3).
 * @param infoHash 20 bytes
 * @param peerId 20 bytes
 * @param dht whether a node of ours may be told of (BEP 5)
 */
export function handshake(infoHash: Uint8Array, peerId: Uint8Array, dht = false): Buffer {
  const reserved = Buffer.alloc(8)
  reserved[5] = 0x10 // extension protocol, BEP 10
  reserved[7] = 0x04 | (dht ? DHT_BIT : 0) // fast extension, BEP 6
  return Buffer.concat([PROTOCOL, reserved, infoHash, peerId])
}

export interface Handshake {
  readonly infoHash: Buffer
  readonly peerId: Buffer
  /** The peer speaks the extension protocol (BEP 10). */
  readonly extended: boolean
  /** The peer speaks the fast extension (BEP 6). */
  readonly fast: boolean
  /** The peer has a node of the DHT (BEP 5). */
  readonly dht: boolean
}

/** Undefined when the peer speaks another protocol. @param bytes exactly HANDSHAKE_BYTES */
export function readHandshake(bytes: Buffer): Handshake | undefined {
  if (!bytes.subarray(0, 20).equals(PROTOCOL)) return undefined
  return {
    infoHash: bytes.subarray(28, 48),
    peerId: bytes.subarray(48, 68),
    extended: ((bytes[25] ?? 0) & 0x10) !== 0,
    fast: ((bytes[27] ?? 0) & 0x04) !== 0,
    dht: ((bytes[27] ?? 0) & DHT_BIT) !== 0,
  }
}

/** A message of nothing but its id: choke, interested, have-all and the like. */
export function emptyMessage(id: number): Buffer {
  return Buffer.from([0, 0, 0, 1, id])
}

export function have(piece: number): Buffer {
  const message = Buffer.allocUnsafe(9)
  message.writeUInt32BE(5, 0)
  message[4] = MessageId.have
  message.writeUInt32BE(piece, 5)
  return message
}

/** The port of our node of the DHT (BEP 5). */
export const portMessage = (port: number): Buffer =>
  Buffer.from([0, 0, 0, 3, MessageId.port, port >> 8, port & 255])

/** Length of a request, cancel or reject message. */
export const BLOCK_MESSAGE_BYTES = 17

/** Writes a request, cancel or reject into `into` at `at`. */
export function writeBlockMessage(into: Buffer, at: number, id: number, block: Block): void {
  into.writeUInt32BE(13, at)
  into[at + 4] = id
  into.writeUInt32BE(block.piece, at + 5)
  into.writeUInt32BE(block.offset, at + 9)
  into.writeUInt32BE(block.length, at + 13)
}

/** Whether it is a request, cancel or reject: these name a block and have no payload. */
export const isBlockMessage = (id: number): boolean =>
  id === MessageId.request || id === MessageId.cancel || id === MessageId.reject

export function blockMessage(id: number, block: Block): Buffer {
  const message = Buffer.allocUnsafe(BLOCK_MESSAGE_BYTES)
  writeBlockMessage(message, 0, id, block)
  return message
}

/**
 * The block of a request, cancel or reject; undefined when the length is wrong.
 * @param body bytes after the id
 */
export function readBlock(body: Buffer): Block | undefined {
  if (body.length !== 12) return undefined
  return {
    piece: body.readUInt32BE(0),
    offset: body.readUInt32BE(4),
    length: body.readUInt32BE(8),
  }
}

export function bitfield(bytes: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(5)
  head.writeUInt32BE(1 + bytes.length, 0)
  head[4] = MessageId.bitfield
  return Buffer.concat([head, bytes])
}

/** A hash request or its reject (BEP 52). @param body as torrent/engine/metadata/hash-messages.ts writes it */
export function hashMessage(id: number, body: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(5)
  head.writeUInt32BE(1 + body.length, 0)
  head[4] = id
  return Buffer.concat([head, body])
}

/** The beginning of a piece message; the bytes of the block must follow. */
export function pieceHeader(block: Block): Buffer {
  const head = Buffer.allocUnsafe(13)
  head.writeUInt32BE(9 + block.length, 0)
  head[4] = MessageId.piece
  head.writeUInt32BE(block.piece, 5)
  head.writeUInt32BE(block.offset, 9)
  return head
}

/**
 * An extension message (BEP 10).
 * @param extension 0 for the handshake, else the peer's number of it
 */
export function extended(extension: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.allocUnsafe(6)
  head.writeUInt32BE(2 + length, 0)
  head[4] = MessageId.extended
  head[5] = extension
  return Buffer.concat([head, ...parts])
}
