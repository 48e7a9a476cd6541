import type { Block } from '../blocks/block.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import { OUR_REQUEST_QUEUE } from './extension-protocol.ts'

/** What the queue does to a wire. */
export interface UploadPeer {
  readonly peerInterested: boolean
  /** False while it does not read what it was sent. */
  readonly canSend: boolean
  choke(choke: boolean): void
  piece(block: Block, bytes: Uint8Array): void
  reject(block: Block): void
}

/** What other peers ask of us, over plain wires; a few at a time, within the rate. */
export interface UploadQueue {
  /** Its wish to download, or its end, changed. */
  interestChanged(wire: UploadPeer): void
  requested(wire: UploadPeer, block: Block): void
  cancelled(wire: UploadPeer, block: Block): void
  drained(): void
  closed(wire: UploadPeer): void
  /** Call every 30 s (BEP 3): where more want than may, the longest served makes room. */
  rotate(): void
}

interface Deps {
  readonly limit: RateLimit
  /** Whether the piece is one that we give. */
  has(piece: number): boolean
  read(piece: number, offset: number, length: number): Promise<Uint8Array>
}

const UPLOAD_SLOTS = 4
/** BEP 3: a request of more than this is no honest one. */
const MAX_REQUEST_BYTES = 128 * 1024

export function createUploadQueue({ limit, has, read }: Deps): UploadQueue {
  /** In the order they wait, then were served. */
  const interested = new Set<UploadPeer>()
  /** Who may ask, longest first, and what each has asked. */
  const unchoked = new Map<UploadPeer, Block[]>()
  let serving = false

  function fillSlots(): void {
    if (limit.off) return
    for (const wire of interested) {
      if (unchoked.size >= UPLOAD_SLOTS) return
      if (unchoked.has(wire)) continue
      unchoked.set(wire, [])
      wire.choke(false)
    }
  }

  function choke(wire: UploadPeer): void {
    const asked = unchoked.get(wire)
    if (!asked) return
    unchoked.delete(wire)
    wire.choke(true)
    // BEP 6: whoever is choked hears of each request that it will not be answered.
    for (const block of asked) wire.reject(block)
  }

  function leave(wire: UploadPeer): void {
    interested.delete(wire)
    unchoked.delete(wire)
    fillSlots()
  }

  /** The next request, of each peer in turn; of those only that read what they are sent. */
  let turn = 0
  function next(): { wire: UploadPeer; block: Block } | undefined {
    const able = [...unchoked].filter(([wire, asked]) => asked.length > 0 && wire.canSend)
    const [wire, asked] = able[turn++ % Math.max(1, able.length)] ?? []
    const block = asked?.shift()
    return wire && block && { wire, block }
  }

  async function serve(): Promise<void> {
    if (serving) return
    serving = true
    for (let one = next(); one; one = next()) {
      const { wire, block } = one
      const bytes = await limit
        .take(block.length)
        .then(() => read(block.piece, block.offset, block.length))
        .catch(() => undefined)
      if (!unchoked.has(wire)) continue
      // Shorter than asked for, it would be another message than its head says.
      if (bytes?.length === block.length) wire.piece(block, bytes)
      else wire.reject(block)
    }
    serving = false
  }

  return {
    interestChanged(wire) {
      if (wire.peerInterested) {
        interested.add(wire)
        fillSlots()
        return
      }
      choke(wire)
      leave(wire)
    },
    requested(wire, block) {
      const asked = unchoked.get(wire)
      const honest = block.length > 0 && block.length <= MAX_REQUEST_BYTES && has(block.piece)
      if (!asked || asked.length >= OUR_REQUEST_QUEUE || !honest) {
        wire.reject(block)
        return
      }
      asked.push(block)
      void serve()
    },
    cancelled(wire, block) {
      const asked = unchoked.get(wire)
      const at = asked?.findIndex((a) => a.piece === block.piece && a.offset === block.offset) ?? -1
      if (at < 0) return
      asked?.splice(at, 1)
      wire.reject(block)
    },
    drained: () => void serve(),
    closed: leave,
    rotate() {
      const [first] = unchoked.keys()
      if (!first || interested.size <= unchoked.size) return
      choke(first)
      interested.delete(first)
      interested.add(first)
      fillSlots()
    },
  }
}
