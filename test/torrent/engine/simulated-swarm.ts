import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { type PieceLayout, pieceCount, pieceSize } from '../../../common/bittorrent/piece-layout.ts'
import type { Block } from '../../../torrent/engine/blocks/block.ts'
import { SmartBan } from '../../../torrent/engine/peers/smart-ban.ts'
import { PiecePicker } from '../../../torrent/engine/picker/piece-picker.ts'
import { prioritize } from '../../../torrent/engine/picker/priorities.ts'
import { PieceBuffers } from '../../../torrent/engine/storage/piece-buffers.ts'
import { seededRandom } from '../../common/seeded-random.ts'
import { payload } from '../../support/swarm/payload.ts'
import { type PeerPlan, SimulatedPeer } from './simulated-peer.ts'
import { createReader, READ_MS, type SimulatedReader, step } from './simulated-reader.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

export interface SwarmPlan {
  readonly size: number
  readonly pieceLength?: number
  readonly peers: Readonly<Record<string, PeerPlan>>
  readonly fill?: 'whole' | 'window'
  /** Most pieces planned at once, as the session bounds its memory. */
  readonly limit?: number
  readonly seed?: number
  /** How long it takes to write a piece, milliseconds. */
  readonly writeMs?: number
}

export interface SimulatedSwarm {
  readonly time: VirtualTime
  readonly picker: PiecePicker
  readonly have: Bitfield
  readonly layout: PieceLayout
  peer(id: string): SimulatedPeer
  reader(at: number, end: number, rate?: number): SimulatedReader
  /** Why peers were dropped: `id:why`, in order. */
  readonly drops: readonly string[]
  /** Pieces in the order they were verified. */
  readonly verified: readonly number[]
  readonly badPieces: number
  /** Blocks whose bytes were kept while the same block's bytes were kept already. */
  readonly keptTwice: number
  /** Most pieces that had bytes in memory at once. */
  readonly mostHeld: number
  /** Blocks that came and were not wanted. */
  readonly wasted: number
  /** Bytes as they were kept, to be compared with `content`. */
  readonly kept: Buffer
  readonly content: Buffer
  /** Forgets all pieces, as if the file were opened anew. */
  forgetAll(): void
}

const TICK_MS = 50
const WRITE_MS = 2

/** Our piece picker and what the session puts around it, with simulated peers and a simulated clock. */
export function createSimulatedSwarm(plan: SwarmPlan): SimulatedSwarm {
  const time = createVirtualTime()
  const random = seededRandom(plan.seed ?? 1)
  const content = payload('simulated', plan.size)
  const pieceLength = plan.pieceLength ?? 64 * 1024
  const layout: PieceLayout = { pieceLength, torrentLength: plan.size, offset: 0, size: plan.size }
  const size = (piece: number): number => pieceSize(layout, piece)
  const peers = new Map<string, SimulatedPeer>()
  const smartBan = new SmartBan()
  const buffers = new PieceBuffers(size, pieceLength)
  const readers = new Set<SimulatedReader>()
  const keptBlocks = new Set<string>()
  const drops: string[] = []
  const verified: number[] = []
  const kept = Buffer.alloc(plan.size)
  const counts = { badPieces: 0, keptTwice: 0, wasted: 0, mostHeld: 0 }
  const held = new Set<number>()
  let have = new Bitfield(pieceCount(layout))

  const picker = new PiecePicker(size, {
    request(id, block) {
      peers.get(id)?.request(block)
    },
    cancel: (id, block) => peers.get(id)?.cancel(block),
    drop(id, why) {
      drops.push(`${id}:${why}`)
      const peer = peers.get(id)
      peer?.disconnect()
      time.after(0, () => picker.removePeer(id))
      const back = peer?.plan.returnsAfterMs
      if (why === 'snubbed' && back !== undefined) time.after(back, () => connect(id, true))
    },
  })

  function replan(): void {
    const limit = plan.limit ?? 256
    const lacks = (piece: number): boolean => piece < have.length && !have.has(piece)
    const content = { layout, lacks, readers: [...readers], fill: plan.fill ?? 'whole' }
    picker.setPriorities(prioritize([content], limit))
    for (const piece of picker.abandon(limit)) forgetPiece(piece)
    picker.tick(time.now)
  }

  function forgetPiece(piece: number): void {
    buffers.recycle(piece)
    forgetKeys(piece)
  }

  function forgetKeys(piece: number): void {
    held.delete(piece)
    for (const key of keptBlocks) if (key.startsWith(`${piece}/`)) keptBlocks.delete(key)
  }

  function connect(id: string, probation = false): void {
    const peerPlan = plan.peers[id] ?? { rate: 0 }
    const peer = new SimulatedPeer(peerPlan, time, {
      deliver: (block) => take(id, peerPlan, block),
      refuse: (block) => picker.refused(id, block, time.now),
    })
    peers.set(id, peer)
    const traits = {
      has: peerPlan.has ?? (() => true),
      bytes: () => peer.received,
      maxQueue: peerPlan.maxQueue ?? 250,
      probation,
    }
    picker.addPeer(id, traits, time.now)
    const spans = peerPlan.chokes ?? []
    const choke = (on: boolean): void => {
      if (!peer.connected) return
      // The wire refuses what is open before it says that it is choked.
      peer.choke(on)
      picker.setChoked(id, on, time.now)
    }
    choke(spans.some(([from, to]) => time.now >= from && time.now < to))
    for (const [from, to] of spans) {
      if (from > time.now) time.after(from - time.now, () => choke(true))
      if (to > time.now) time.after(to - time.now, () => choke(false))
    }
  }

  function take(id: string, peerPlan: PeerPlan, block: Block): void {
    const start = block.piece * pieceLength + block.offset
    let bytes: Buffer = content.subarray(start, start + block.length)
    if (random.below(1000) < (peerPlan.lies ?? 0) * 1000) {
      bytes = Buffer.from(bytes)
      const at = random.below(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ 0x55
    }
    const verdict = picker.received(id, block, time.now)
    if (verdict === 'drop') {
      counts.wasted++
      return
    }
    const key = `${block.piece}/${block.offset}`
    if (keptBlocks.has(key)) counts.keptTwice++
    keptBlocks.add(key)
    held.add(block.piece)
    counts.mostHeld = Math.max(counts.mostHeld, held.size)
    buffers.write(block, bytes)
    if (verdict === 'keep-and-check') check(block.piece)
  }

  function check(piece: number): void {
    const bytes = buffers.bytes(piece)
    const at = piece * pieceLength
    if (!content.subarray(at, at + size(piece)).equals(bytes)) {
      counts.badPieces++
      smartBan.recordBad(bytes, picker.hashFailed(piece, time.now))
      forgetPiece(piece)
      return
    }
    for (const ban of smartBan.corruptPeers(piece, bytes)) picker.ban(ban)
    time.after(plan.writeMs ?? WRITE_MS, () => {
      kept.set(bytes, at)
      have.set(piece)
      verified.push(piece)
      forgetPiece(piece)
      picker.verified(piece)
      replan()
    })
  }

  function play(): void {
    let moved = false
    for (const reader of readers) moved = step(reader, layout, have, time.now) || moved
    if (moved) replan()
  }

  for (const [id, peer] of Object.entries(plan.peers)) {
    if (peer.joinsAt) time.after(peer.joinsAt, () => connect(id))
    else connect(id)
    if (peer.vanishesAt !== undefined) {
      time.after(peer.vanishesAt, () => {
        peers.get(id)?.disconnect()
        picker.removePeer(id)
      })
    }
  }
  time.every(TICK_MS, () => picker.tick(time.now))
  time.every(READ_MS, play)

  return {
    time,
    picker,
    get have() {
      return have
    },
    layout,
    peer(id) {
      const found = peers.get(id)
      if (!found) throw new Error(`no peer ${id}`)
      return found
    },
    reader(at, end, rate = Infinity) {
      const reader = createReader(at, end, rate, () => {
        readers.delete(reader)
        replan()
      })
      readers.add(reader)
      replan()
      return reader
    },
    drops,
    verified,
    kept,
    content,
    get badPieces() {
      return counts.badPieces
    },
    get keptTwice() {
      return counts.keptTwice
    },
    get mostHeld() {
      return counts.mostHeld
    },
    get wasted() {
      return counts.wasted
    },
    forgetAll() {
      have = new Bitfield(pieceCount(layout))
      kept.fill(0)
      verified.length = 0
      replan()
    },
  }
}
