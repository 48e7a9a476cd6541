import { createHash } from 'node:crypto'
import { METADATA_PIECE_BYTES } from './extension-messages.ts'

/** One peer's copy of the info dictionary, as it comes (BEP 9). */
export interface MetadataDownload {
  /** Pieces to ask for. */
  readonly pieces: readonly number[]
  /**
   * Takes a copy of the bytes. `whole`: the info dictionary, its hash is right; `wrong`: it is of
   * another hash, so the peer is of no use.
   */
  add(piece: number, bytes: Uint8Array): { readonly whole?: Buffer; readonly wrong?: true }
  /** Its bytes are given up. */
  end(): void
}

/** The copies of all peers of a torrent. */
export interface MetadataDownloads {
  /**
   * Undefined when the peer says a size beyond all sense.
   * @param abandoned the copy had to make room for others
   */
  start(size: number, abandoned: () => void): MetadataDownload | undefined
}

/**
 * More than our gate passes (2 MiB): a size is only what the peer says, so the bytes must prove by
 * their hash that the torrent is too large, before it is refused for everybody.
 */
const MOST_BYTES = 10_000_000
/** All copies together. Whoever has sent most without an end goes first: honest ones are small. */
const MOST_HELD = 32 << 20

interface Held {
  bytes: number
  abandon(): void
}

/** @param infoHash hex */
export function createMetadataDownloads(infoHash: string, mostHeld = MOST_HELD): MetadataDownloads {
  const copies = new Set<Held>()

  function makeRoom(): void {
    let sum = 0
    let largest: Held | undefined
    for (const copy of copies) {
      sum += copy.bytes
      if (!largest || copy.bytes > largest.bytes) largest = copy
    }
    if (sum > mostHeld) largest?.abandon()
  }

  return {
    start(size, abandoned) {
      if (size > MOST_BYTES) return undefined
      const count = Math.ceil(size / METADATA_PIECE_BYTES)
      const parts = new Map<number, Buffer>()
      const held: Held = {
        bytes: 0,
        abandon() {
          end()
          abandoned()
        },
      }
      const end = (): void => {
        copies.delete(held)
        parts.clear()
      }
      copies.add(held)
      return {
        pieces: Array.from({ length: count }, (_, i) => i),
        add(piece, part) {
          const wanted = Math.min(METADATA_PIECE_BYTES, size - piece * METADATA_PIECE_BYTES)
          const fits = piece < count && part.length === wanted
          if (!copies.has(held) || parts.has(piece) || !fits) return {}
          parts.set(piece, Buffer.from(part))
          held.bytes += part.length
          makeRoom()
          if (parts.size < count) return {}
          const whole = Buffer.concat(Array.from({ length: count }, (_, i) => parts.get(i) ?? part))
          end()
          const right = createHash('sha1').update(whole).digest('hex') === infoHash
          return right ? { whole } : { wrong: true }
        },
        end,
      }
    },
  }
}
