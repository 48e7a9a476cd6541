/**
 * Collects verified pieces by file, so that those of one turn of the event loop are told in one
 * message.
 * @param flush called with the id of a file and its pieces
 */
export class VerifiedBatcher {
  readonly #flush: (id: number, pieces: readonly number[]) => void
  #pending = new Map<number, number[]>()

  constructor(flush: (id: number, pieces: readonly number[]) => void) {
    this.#flush = flush
  }

  add(id: number, piece: number): void {
    if (this.#pending.size === 0) setImmediate(() => this.#flushAll())
    const pieces = this.#pending.get(id)
    if (pieces) pieces.push(piece)
    else this.#pending.set(id, [piece])
  }

  #flushAll(): void {
    const batch = this.#pending
    this.#pending = new Map()
    for (const [id, pieces] of batch) this.#flush(id, pieces)
  }
}
