import type { RateLimit } from '../rate-limit.ts'
import type { Block } from '../scheduler.ts'
import { OUR_REQUEST_QUEUE } from './extension-talk.ts'
import type { PeerWire } from './peer-wire.ts'

/** What other peers ask of us, over plain wires; a few at a time, within the rate. */
export interface UploadQueue {
  /** Its wish to download, or its end, changed. */
  interest(wire: PeerWire): void
  requested(wire: PeerWire, block: Block): void
  cancelled(wire: PeerWire, block: Block): void
  closed(wire: PeerWire): void
}

const SLOTS = 4
/** BEP 3: a request of more than this is no honest one. */
const MOST_REQUEST = 128 * 1024

export function createUploadQueue(
  limit: RateLimit,
  read: (piece: number, offset: number, length: number) => Promise<Uint8Array>,
): UploadQueue {
  const interested = new Set<PeerWire>()
  const unchoked = new Set<PeerWire>()
  let queue: { wire: PeerWire; block: Block }[] = []
  let serving = false

  function fillSlots(): void {
    if (limit.off) return
    for (const wire of interested) {
      if (unchoked.size >= SLOTS) return
      if (unchoked.has(wire)) continue
      unchoked.add(wire)
      wire.choke(false)
    }
  }

  function leave(wire: PeerWire): void {
    interested.delete(wire)
    unchoked.delete(wire)
    queue = queue.filter((asked) => asked.wire !== wire)
    fillSlots()
  }

  async function serve(): Promise<void> {
    if (serving) return
    serving = true
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { wire, block } = next
      await limit.take(block.length)
      const bytes = await read(block.piece, block.offset, block.length).catch(() => undefined)
      if (!unchoked.has(wire)) continue
      if (bytes) wire.piece(block, bytes)
      else wire.reject(block)
    }
    serving = false
  }

  return {
    interest(wire) {
      if (wire.peerInterested) {
        interested.add(wire)
        fillSlots()
        return
      }
      if (unchoked.has(wire)) wire.choke(true)
      leave(wire)
    },
    requested(wire, block) {
      const many = queue.length >= OUR_REQUEST_QUEUE * SLOTS
      if (!unchoked.has(wire) || block.length > MOST_REQUEST || block.length === 0 || many) {
        wire.reject(block)
        return
      }
      queue.push({ wire, block })
      void serve()
    },
    cancelled(wire, block) {
      queue = queue.filter(
        (a) => a.wire !== wire || a.block.piece !== block.piece || a.block.offset !== block.offset,
      )
    },
    closed: leave,
  }
}
