import { Fault } from '../../common/errors.ts'

interface Pending {
  readonly infoHash: string
  resolve(bytes: Uint8Array): void
  reject(fault: Fault): void
}

/** What the engine was asked for, by message id, and has not answered. */
export class PendingReplies {
  readonly #pending = new Map<number, Pending>()

  /**
   * Sends a message and waits for its reply.
   * @param send sends the message
   * @throws Fault NO_PEERS when the signal fires first, and the fault given to fail()
   */
  async request(
    id: number,
    infoHash: string,
    signal: AbortSignal,
    send: () => void,
  ): Promise<Uint8Array> {
    if (signal.aborted) throw new Fault('NO_PEERS')
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const abort = (): void => reject(new Fault('NO_PEERS'))
    this.#pending.set(id, { infoHash, resolve, reject })
    signal.addEventListener('abort', abort, { once: true })
    try {
      send()
      return await promise
    } finally {
      this.#pending.delete(id)
      signal.removeEventListener('abort', abort)
    }
  }

  has(id: number): boolean {
    return this.#pending.has(id)
  }

  /** Does nothing when nobody waits for this id. */
  answer(id: number, bytes: Uint8Array): void {
    this.#pending.get(id)?.resolve(bytes)
  }

  /** Does nothing when nobody waits for this id. */
  fail(id: number, fault: Fault): void {
    this.#pending.get(id)?.reject(fault)
  }

  failAll(fault: Fault): void {
    for (const { reject } of this.#pending.values()) reject(fault)
  }

  /** The torrents that replies are waited for. */
  infoHashes(): readonly string[] {
    return [...this.#pending.values()].map(({ infoHash }) => infoHash)
  }
}
