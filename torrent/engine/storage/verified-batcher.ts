/** Collects verified pieces, so that those of one turn of the event loop go in one message. */
export function createVerifiedBatcher(flush: (id: number, pieces: readonly number[]) => void) {
  let pending = new Map<number, number[]>()
  return {
    add(id: number, piece: number): void {
      if (pending.size === 0) {
        setImmediate(() => {
          const batch = pending
          pending = new Map()
          for (const [id, pieces] of batch) flush(id, pieces)
        })
      }
      const pieces = pending.get(id)
      if (pieces) pieces.push(piece)
      else pending.set(id, [piece])
    },
  }
}
