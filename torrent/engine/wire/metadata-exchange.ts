import { createHash } from 'node:crypto'
import { METADATA_PIECE } from './extensions.ts'

/** One peer's copy of the info dictionary, as it comes (BEP 9). */
export interface MetadataExchange {
  /** Pieces to ask for. */
  readonly pieces: readonly number[]
  /** Answers the info dictionary when it is whole and its hash is right. */
  put(piece: number, bytes: Uint8Array): Buffer | undefined
  /** Whole, but of another hash: the peer is of no use. */
  readonly wrong: boolean
}

/**
 * More than our gate passes (2 MiB): a size is only what the peer says, so the bytes must prove by
 * their hash that the torrent is too large, before it is refused for everybody.
 */
const MOST_BYTES = 10_000_000

/** Undefined when the peer says a size beyond all sense. */
export function createMetadataExchange(
  size: number,
  infoHash: string,
): MetadataExchange | undefined {
  if (size > MOST_BYTES) return undefined
  const count = Math.ceil(size / METADATA_PIECE)
  const bytes = Buffer.alloc(size)
  const missing = new Set(Array.from({ length: count }, (_, i) => i))
  let wrong = false
  return {
    pieces: [...missing],
    get wrong() {
      return wrong
    },
    put(piece, part) {
      const at = piece * METADATA_PIECE
      if (!missing.has(piece) || part.length !== Math.min(METADATA_PIECE, size - at))
        return undefined
      bytes.set(part, at)
      missing.delete(piece)
      if (missing.size > 0) return undefined
      wrong = createHash('sha1').update(bytes).digest('hex') !== infoHash
      return wrong ? undefined : bytes
    },
  }
}
