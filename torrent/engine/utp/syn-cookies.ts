import { createHmac, randomBytes } from 'node:crypto'

/** A SYN is answered by its cookie for at least this long, and at most twice. */
const EPOCH_MS = 30_000

/** Who sent a SYN, and its numbers. */
export interface Syn {
  readonly address: string
  readonly port: number
  readonly connectionId: number
  readonly sequence: number
}

/**
 * The number of our first packet says whose SYN it answered (as SYN cookies of TCP do, RFC 4987 3.6): so
 * nothing is remembered of a SYN, which anybody can send in another's name. Who has the answer goes on with it.
 */
export class SynCookies {
  readonly #key = randomBytes(32)

  /** 16 bits. */
  cookieFor(syn: Syn, now: number): number {
    return this.#of(syn, Math.floor(now / EPOCH_MS))
  }

  matches(syn: Syn, cookie: number, now: number): boolean {
    const epoch = Math.floor(now / EPOCH_MS)
    return cookie === this.#of(syn, epoch) || cookie === this.#of(syn, epoch - 1)
  }

  #of({ address, port, connectionId, sequence }: Syn, epoch: number): number {
    const text = `${address} ${port} ${connectionId} ${sequence} ${epoch}`
    return createHmac('sha256', this.#key).update(text).digest().readUInt16BE(0)
  }
}
