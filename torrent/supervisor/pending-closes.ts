/** Contents the engine was told to close, and has not answered for. */
export interface PendingCloses {
  /**
   * Resolves with the bitfield bytes of what it left on disk; with nothing when it has died
   * meanwhile, or does not answer in time: a disk that hangs must not hold up who waits.
   */
  wait(id: number): Promise<Uint8Array | undefined>
  has(id: number): boolean
  answered(id: number, have?: Uint8Array): void
  /** The process is gone: nobody will answer. */
  died(): void
}

export function createPendingCloses(patienceMs: number): PendingCloses {
  const waiting = new Map<number, (have?: Uint8Array) => void>()

  return {
    wait(id) {
      const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>()
      const timer = setTimeout(() => waiting.get(id)?.(), patienceMs)
      waiting.set(id, (have) => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(have)
      })
      return promise
    },
    has: (id) => waiting.has(id),
    answered: (id, have) => waiting.get(id)?.(have),
    died() {
      for (const end of [...waiting.values()]) end()
    },
  }
}
