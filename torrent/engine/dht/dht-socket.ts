import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import { type DhtAnswer, type DhtQuery, dhtQuery, readDhtAnswer } from './dht-query.ts'

const ANSWER_MS = 2000
/** At once: what is more has no answer. */
const MAX_PENDING = 64
const TRANSACTION_BYTES = 4

interface Pending {
  readonly transaction: Buffer
  readonly timer: NodeJS.Timeout
  resolve(answer: DhtAnswer | undefined): void
}

/**
 * Asks nodes of the DHT over IPv6 (BEP 32). Only who was asked is heard, and only for a moment: what
 * anybody else sends is not even read. Where there is no IPv6 nothing is ever answered.
 */
export class DhtSocket {
  readonly #id: Buffer
  readonly #socket: Socket
  /** By the address that was asked. */
  readonly #pending = new Map<string, Pending[]>()
  #count = 0
  #closed = false

  /** @param id ours, 20 bytes */
  constructor(id: Buffer) {
    this.#id = id
    this.#socket = createSocket({ type: 'udp6', ipv6Only: true })
    this.#socket.on('message', (bytes, from) => this.#received(bytes, from))
    this.#socket.on('error', () => this.close())
    this.#socket.bind()
  }

  /** @param address `[ip]:port`. Undefined: no answer, or none that can be read */
  ask(address: string, query: DhtQuery): Promise<DhtAnswer | undefined> {
    if (this.#closed || this.#count >= MAX_PENDING) return Promise.resolve(undefined)
    const { host, port } = splitDhtNode(address)
    const transaction = randomBytes(TRANSACTION_BYTES)
    const { promise, resolve } = Promise.withResolvers<DhtAnswer | undefined>()
    const end = (answer?: DhtAnswer): void => {
      clearTimeout(pending.timer)
      this.#forget(address, pending)
      resolve(answer)
    }
    const pending: Pending = { transaction, timer: setTimeout(end, ANSWER_MS), resolve: end }
    this.#pending.set(address, [...(this.#pending.get(address) ?? []), pending])
    this.#count++
    this.#socket.send(dhtQuery(query, this.#id, transaction), port, host, (error) => {
      if (error) end()
    })
    return promise
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const { resolve } of [...this.#pending.values()].flat()) resolve(undefined)
    this.#socket.close()
  }

  #received(bytes: Buffer, { address, port }: RemoteInfo): void {
    for (const one of this.#pending.get(`[${address}]:${port}`) ?? []) {
      const answer = readDhtAnswer(bytes, one.transaction)
      if (!answer) continue
      one.resolve(answer)
      return
    }
  }

  #forget(address: string, pending: Pending): void {
    const left = this.#pending.get(address)?.filter((one) => one !== pending) ?? []
    if (left.length > 0) this.#pending.set(address, left)
    else this.#pending.delete(address)
    this.#count--
  }
}
