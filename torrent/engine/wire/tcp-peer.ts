import type { Block } from '../blocks/block.ts'
import type { SwarmPeer } from '../swarm/swarm.ts'
import type { PeerWire } from './peer-wire.ts'

/** Requests that we send ahead at most, whatever the peer says that it holds. */
const MAX_QUEUE = 512

let lastId = 0

/** A TCP connection whose handshake is done, as the rest of the engine sees it. */
export class TcpPeer implements SwarmPeer {
  readonly id = `t${++lastId}`
  readonly address: string
  readonly latencyMs: number | undefined
  readonly #wire: PeerWire

  constructor(wire: PeerWire) {
    this.#wire = wire
    this.address = wire.address
    this.latencyMs = wire.latencyMs
  }

  get maxQueue(): number {
    return Math.min(this.#wire.maxQueue, MAX_QUEUE)
  }

  get received(): number {
    return this.#wire.received
  }

  get choked(): boolean {
    return this.#wire.choked
  }

  has(piece: number): boolean {
    return this.#wire.has(piece)
  }

  request(block: Block): void {
    this.#wire.request(block)
  }

  cancel(block: Block): void {
    this.#wire.cancel(block)
  }

  drop(why: 'snubbed' | 'banned'): void {
    this.#wire.close(why === 'banned')
  }
}
