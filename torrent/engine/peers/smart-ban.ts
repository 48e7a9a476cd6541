import { createHash } from 'node:crypto'
import type { Contribution } from '../blocks/piece-blocks.ts'

interface SentBlock {
  readonly peer: string
  readonly offset: number
  readonly length: number
  readonly hash: string
}

const MAX_PIECES = 64

/**
 * Finds out who sent wrong bytes (libtorrent's "smart ban"): the blocks of a bad piece are hashed and
 * compared with the good piece when it has come. Only peers whose blocks differ are banned, so honest
 * ones never are. storage/block-receiver.ts calls it; that a bad piece is then asked of one peer only
 * (parole) is in picker/pieces-in-progress.ts.
 */
export class SmartBan {
  /** Blocks of bad pieces, by piece. */
  readonly #sent = new Map<number, SentBlock[]>()

  /** @param contributions who sent which block of the bad piece */
  recordBad(bad: Uint8Array, contributions: readonly Contribution[]): void {
    const piece = contributions[0]?.block.piece
    if (piece === undefined) return
    const sent = this.#sent.get(piece) ?? []
    for (const { peer, block } of contributions) {
      const { offset, length } = block
      sent.push({ peer, offset, length, hash: sha1(bad.subarray(offset, offset + length)) })
    }
    this.#sent.set(piece, sent)
    const oldest = this.#sent.keys().next().value
    if (this.#sent.size > MAX_PIECES && oldest !== undefined) this.#sent.delete(oldest)
  }

  /** Peers that had sent other bytes than these for the piece. */
  corruptPeers(piece: number, good: Uint8Array): readonly string[] {
    const sent = this.#sent.get(piece)
    if (!sent) return []
    this.#sent.delete(piece)
    const corrupt = sent.filter(
      ({ hash, offset, length }) => hash !== sha1(good.subarray(offset, offset + length)),
    )
    return [...new Set(corrupt.map(({ peer }) => peer))]
  }
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64')
