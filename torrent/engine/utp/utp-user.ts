import type { ReceiveMemory } from './receive-memory.ts'

/** Who uses a connection. Called from within the connection's own calls, never after `over`. */
export interface UtpUser {
  send(packet: Buffer): void
  connected(): void
  /** Bytes of the peer, in their order. */
  received(bytes: Buffer): void
  /** The peer sends nothing more. */
  ended(): void
  /** Little waits to be sent. */
  drained(): void
  /** It is over; without a reason when both sides had ended. */
  over(why?: Error): void
  /** Bytes that were received and nobody has taken. */
  readonly unread: number
}

/** What our packets are named with, and those of the peer. */
export interface UtpIds {
  readonly send: number
  readonly receive: number
}

export interface UtpConnectionOptions {
  readonly ids: UtpIds
  /** The number of our first packet. */
  readonly sequence: number
  /** Bytes of a packet at most, its header included. */
  readonly packetBytes: number
  /** Bytes that may wait for their order, or to be taken. */
  readonly receiveBytes: number
  readonly memory: ReceiveMemory
}
