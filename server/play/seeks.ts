import { LRUCache } from 'lru-cache'
import { atMost } from '../../common/memory/lru-options.ts'

/** What a viewer's ranges look like: going on where the last one ended, or somewhere else. */
export interface Seeks {
  /** A part from `start` on begins; whether it is a jump. `viewer`: who and which play. */
  begins(viewer: string, start: number): boolean
  /** The part has ended after so many bytes. */
  ended(viewer: string, start: number, bytes: number): void
}

const VIEWERS = 10_000
/** A player drops a connection when its buffer is full, and comes back for what it threw away. */
const NEAR_BYTES = 2 * 1024 * 1024

export function createSeeks(): Seeks {
  const last = new LRUCache<string, number>(atMost(VIEWERS))
  return {
    begins(viewer, start) {
      const before = last.get(viewer)
      last.set(viewer, start)
      // A first range in the middle is a resume, not a seek.
      return before !== undefined && Math.abs(start - before) > NEAR_BYTES
    },
    ended: (viewer, start, bytes) => void last.set(viewer, start + bytes),
  }
}
