/** Collects verified pieces, so that those of one turn of the event loop go in one message. */
export function createVerifiedNews(flush: (id: number, pieces: readonly number[]) => void) {
  let fresh = new Map<number, number[]>()
  return {
    tell(id: number, piece: number): void {
      if (fresh.size === 0) {
        setImmediate(() => {
          const all = fresh
          fresh = new Map()
          for (const [to, pieces] of all) flush(to, pieces)
        })
      }
      const pieces = fresh.get(id)
      if (pieces) pieces.push(piece)
      else fresh.set(id, [piece])
    },
  }
}
