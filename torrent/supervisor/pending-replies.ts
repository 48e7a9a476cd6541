import { Fault } from '../../common/errors.ts'

/** What the engine was asked for under an id and has not answered. */
export interface PendingReplies {
  /**
   * Puts the question and waits; the signal or a death ends the waiting.
   * @throws Fault NO_PEERS (signal fired first), and what it is failed with
   */
  ask(id: number, infoHash: string, signal: AbortSignal, put: () => void): Promise<Uint8Array>
  has(id: number): boolean
  /** Nothing happens where nobody waits (any more). */
  answer(id: number, bytes: Uint8Array): void
  fail(id: number, fault: Fault): void
  failAll(fault: Fault): void
  /** Of what is open now. */
  infoHashes(): readonly string[]
}

interface Open {
  readonly infoHash: string
  resolve(bytes: Uint8Array): void
  reject(fault: Fault): void
}

export function createPendingReplies(): PendingReplies {
  const open = new Map<number, Open>()
  return {
    async ask(id, infoHash, signal, put) {
      if (signal.aborted) throw new Fault('NO_PEERS')
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
      const abort = (): void => reject(new Fault('NO_PEERS'))
      open.set(id, { infoHash, resolve, reject })
      signal.addEventListener('abort', abort, { once: true })
      try {
        put()
        return await promise
      } finally {
        open.delete(id)
        signal.removeEventListener('abort', abort)
      }
    },
    has: (id) => open.has(id),
    answer: (id, bytes) => open.get(id)?.resolve(bytes),
    fail: (id, fault) => open.get(id)?.reject(fault),
    failAll(fault) {
      for (const { reject } of open.values()) reject(fault)
    },
    infoHashes: () => [...open.values()].map((one) => one.infoHash),
  }
}
