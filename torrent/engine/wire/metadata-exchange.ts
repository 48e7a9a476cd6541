import { createHash } from 'node:crypto'
import { MAX_METAINFO_BYTES } from '../../../common/metainfo.ts'
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

/** Undefined when the peer says a size that our gate would refuse anyway. */
export function createMetadataExchange(
  size: number,
  infoHash: string,
): MetadataExchange | undefined {
  if (size > MAX_METAINFO_BYTES) return undefined
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
