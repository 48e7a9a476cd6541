import { createHash } from 'node:crypto'
import type { Contribution } from '../blocks/piece-blocks.ts'

/**
 * Finds out who lied: the blocks of a bad piece are remembered by their hash and compared with the
 * good piece when it has come. Only what differs convicts a peer, so honest ones are never struck.
 */
export interface SmartBan {
  recordBad(bad: Uint8Array, contributions: readonly Contribution[]): void
  /** Peers that sent other bytes than these for the piece. */
  corruptPeers(piece: number, good: Uint8Array): readonly string[]
}

const MAX_PIECES = 64

export function createSmartBan(): SmartBan {
  const records = new Map<
    number,
    { peer: string; offset: number; length: number; hash: string }[]
  >()
  const hash = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64')
  return {
    recordBad(bad, contributions) {
      const piece = contributions[0]?.block.piece
      if (piece === undefined) return
      const blocks = records.get(piece) ?? []
      for (const { peer, block } of contributions) {
        const { offset, length } = block
        blocks.push({ peer, offset, length, hash: hash(bad.subarray(offset, offset + length)) })
      }
      records.set(piece, blocks)
      const oldest = records.keys().next().value
      if (records.size > MAX_PIECES && oldest !== undefined) records.delete(oldest)
    },
    corruptPeers(piece, good) {
      const blocks = records.get(piece)
      if (!blocks) return []
      records.delete(piece)
      const corrupt = blocks.filter(
        (s) => s.hash !== hash(good.subarray(s.offset, s.offset + s.length)),
      )
      return [...new Set(corrupt.map((s) => s.peer))]
    },
  }
}
