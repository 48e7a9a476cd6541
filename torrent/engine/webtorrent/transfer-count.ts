import type { SwarmEvents } from '../swarm/swarm.ts'
import type { TransferTotals } from '../trackers/announcement.ts'

/** What is left of a torrent whose length is not known: not 0, which would make us a seed. */
const UNKNOWN_LEFT = 16 * 1024

/** Counts what a torrent's trackers are told (BEP 3): bytes sent, received and missing. */
export class TransferCount {
  /** The events, counted on their way. */
  readonly events: SwarmEvents
  #uploaded = 0
  #downloaded = 0
  #left = UNKNOWN_LEFT

  constructor(events: SwarmEvents) {
    this.events = {
      ...events,
      block: (peer, block, bytes) => {
        this.#downloaded += bytes.length
        events.block(peer, block, bytes)
      },
      blockEnds: (peer, block, placement) => {
        this.#downloaded += block.length
        events.blockEnds(peer, block, placement)
      },
      read: async (piece, offset, length) => {
        const bytes = await events.read(piece, offset, length)
        this.#uploaded += bytes.length
        return bytes
      },
    }
  }

  get totals(): TransferTotals {
    return { uploaded: this.#uploaded, downloaded: this.#downloaded, left: this.#left }
  }

  /** @param pieces that are here, whatever their length */
  have(pieces: number, pieceLength: number, torrentLength: number): void {
    this.#left = Math.max(0, torrentLength - pieces * pieceLength)
  }
}
