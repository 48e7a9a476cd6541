import type { ServerResponse } from 'node:http'
import { Fault } from '../../common/errors.ts'

const RETRY_SECONDS = 3
const PIECE = 256 << 10

export interface UntakenBytesOptions {
  /** Bytes of all answers together, and of those of one address. */
  readonly max: number
  readonly maxEach: number
  /** A client that takes nothing for so long is cut, milliseconds. */
  readonly undrainedMs: number
}

/**
 * Answers that lie in memory until their clients have taken them: a segment is a hundred megabytes at worst, and
 * a client may take as long as it likes. One that is alone may be larger than what is allowed.
 */
export class UntakenBytes {
  readonly #options: UntakenBytesOptions
  readonly #each = new Map<string, number>()
  #all = 0

  constructor(options: UntakenBytesOptions) {
    this.#options = options
  }

  /** To be asked before something is made, too. @throws Fault TOO_MANY_CONVERSIONS no room for so many more */
  expectRoom(address: string, bytes: number): void {
    const { max, maxEach } = this.#options
    const own = this.#each.get(address) ?? 0
    const isFull = (used: number, most: number): boolean => used > 0 && used + bytes > most
    if (isFull(this.#all, max) || isFull(own, maxEach)) {
      throw new Fault('TOO_MANY_CONVERSIONS', { retryAfterSeconds: RETRY_SECONDS })
    }
  }

  /** Sends the body, all of which counts until the response has closed. */
  send(res: ServerResponse, address: string, body: Uint8Array): void {
    // Who has gone never closes again.
    if (res.destroyed) return
    this.#count(address, body.length)
    const timer = setTimeout(() => res.destroy(), this.#options.undrainedMs).unref()
    res.once('close', () => {
      clearTimeout(timer)
      this.#count(address, -body.length)
    })
    let at = 0
    // Piece by piece: of a body that is written at once nobody hears how far it has come.
    const next = (error?: Error | null): void => {
      if (error || res.destroyed) return
      timer.refresh()
      const piece = body.subarray(at, at + PIECE)
      at += piece.length
      if (at < body.length) res.write(piece, next)
      else res.end(piece)
    }
    next()
  }

  #count(address: string, bytes: number): void {
    this.#all += bytes
    const own = (this.#each.get(address) ?? 0) + bytes
    if (own > 0) this.#each.set(address, own)
    else this.#each.delete(address)
  }
}
