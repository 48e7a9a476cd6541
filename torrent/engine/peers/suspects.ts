import { createHash } from 'node:crypto'
import type { Contribution } from '../blocks/piece-blocks.ts'

/**
 * Finds out who lied: the blocks of a bad piece are remembered by their hash and compared with the
 * good piece when it has come. Only what differs convicts a peer, so honest ones are never struck.
 */
export interface Suspects {
  remember(bad: Uint8Array, contributions: readonly Contribution[]): void
  /** Peers that sent other bytes than these for the piece. */
  convict(piece: number, good: Uint8Array): readonly string[]
}

const MOST_PIECES = 64

export function createSuspects(): Suspects {
  const remembered = new Map<
    number,
    { peer: string; offset: number; length: number; hash: string }[]
  >()
  const hash = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64')
  return {
    remember(bad, contributions) {
      const piece = contributions[0]?.block.piece
      if (piece === undefined) return
      const list = remembered.get(piece) ?? []
      for (const { peer, block } of contributions) {
        const { offset, length } = block
        list.push({ peer, offset, length, hash: hash(bad.subarray(offset, offset + length)) })
      }
      remembered.set(piece, list)
      const oldest = remembered.keys().next().value
      if (remembered.size > MOST_PIECES && oldest !== undefined) remembered.delete(oldest)
    },
    convict(piece, good) {
      const list = remembered.get(piece)
      if (!list) return []
      remembered.delete(piece)
      const liars = list.filter(
        (s) => s.hash !== hash(good.subarray(s.offset, s.offset + s.length)),
      )
      return [...new Set(liars.map((s) => s.peer))]
    },
  }
}
