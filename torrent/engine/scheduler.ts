import type { Needs } from './needs.ts'
import { BLOCK, PeerPace } from './peer-pace.ts'
import { PieceBlocks } from './piece-blocks.ts'

export interface Block {
  readonly piece: number
  readonly offset: number
  readonly length: number
}

/** What the scheduler may do to the wires; calls back nothing while it runs. */
export interface WirePort {
  request(peer: string, block: Block): void
  cancel(peer: string, block: Block): void
  /** The peer is no use: `silent` may come back, `liar` may not. */
  drop(peer: string, why: 'silent' | 'liar'): void
}

export interface PeerTraits {
  has(piece: number): boolean
  /** Web seeds answer whole pieces in one go (BEP 19), not blocks. */
  readonly wholePieces: boolean
  readonly maxQueue: number
  /** It was silent before: kept away from the viewers until it has delivered something. */
  readonly probation: boolean
}

/** Who delivered which block of a bad piece; compared with the good one when it has come. */
export interface Contribution {
  readonly peer: string
  readonly block: Block
}

export interface Scheduler {
  setNeeds(needs: Needs): void
  join(peer: string, traits: PeerTraits, now: number): void
  leave(peer: string): void
  setChoked(peer: string, choked: boolean, now: number): void
  /** The peer has got more pieces, or anything else that lets it do more. */
  fill(peer: string, now: number): void
  /** Answers what to do with the bytes: keep them, or drop them (not wanted, or twice). */
  arrived(peer: string, block: Block, now: number): 'keep' | 'keep-and-check' | 'drop'
  /** A request came to nothing (refused, choked): the block is free again. */
  refused(peer: string, block: Block, now: number): void
  /** The piece that was handed over is good and written. */
  verified(piece: number): void
  /** The piece was bad: asked again, from one peer only when several were part of it. */
  failed(piece: number, now: number): readonly Contribution[]
  /** It is proved that the peer sent wrong bytes. */
  liar(peer: string): void
  /** Call every 50 ms or so: late blocks, silent peers. */
  tick(now: number): void
  /**
   * Pieces being put together that nobody needs any more, when there are more than `most` pieces;
   * the caller forgets their bytes.
   */
  abandon(most: number): readonly number[]
}

interface Peer {
  readonly id: string
  readonly traits: PeerTraits
  readonly pace: PeerPace
  choked: boolean
}

/** A peer with nothing answered for this long while it owes us something is silent. */
const SILENT_MS = 1500
const SILENT_WEB_SEED_MS = 8000
/** With nobody else to ask, a silent peer is given this long before its connection is made anew. */
const SILENT_ALONE_MS = 6000
const SLOW_FACTOR = 4
const LATE_FACTOR = 1.5
const LATE_EXTRA_MS = 40
const MOST_DOUBLED_A_TICK = 32

/**
 * Decides which peer is asked for which block (webtorrent only finds and connects them).
 * Pure: no timers, no bytes, no wires; time comes in with every call, so it can be simulated.
 */
export function createScheduler(pieceSize: (piece: number) => number, port: WirePort): Scheduler {
  const peers = new Map<string, Peer>()
  const pieces = new Map<number, PieceBlocks>()
  /** Pieces that failed with several contributors: only this peer may deliver them now. */
  const onlyFrom = new Map<number, string>()
  let needs: Needs = { order: [], urgent: 0 }

  const blocksOf = (piece: number): PieceBlocks => {
    let blocks = pieces.get(piece)
    if (!blocks) {
      blocks = new PieceBlocks(piece, pieceSize(piece))
      pieces.set(piece, blocks)
    }
    return blocks
  }
  const bestRate = (): number => {
    let best = 0
    for (const p of peers.values()) if (!p.choked && p.pace.rate > best) best = p.pace.rate
    return best
  }
  const isSlow = (p: Peer, best: number): boolean =>
    p.pace.known ? p.pace.rate * SLOW_FACTOR < best : p.traits.probation && best > 0

  const send = (p: Peer, blocks: PieceBlocks, index: number, now: number): void => {
    const block = blocks.block(index)
    blocks.ask(index, p.id, now, p.pace.eta(now))
    p.pace.sent(now)
    port.request(p.id, block)
  }

  const mayTake = (p: Peer, piece: number): boolean => {
    const only = onlyFrom.get(piece)
    return (only === undefined || only === p.id) && p.traits.has(piece)
  }

  /** The next free block for a peer; slow peers begin at the far end, away from the viewers. */
  const next = (p: Peer, slow: boolean): { blocks: PieceBlocks; index: number } | undefined => {
    const n = needs.order.length
    for (let i = 0; i < n; i++) {
      const at = slow ? n - 1 - i : i
      if (slow && at < needs.urgent && peers.size > 1) return undefined
      const piece = needs.order[at] as number
      if (!mayTake(p, piece)) continue
      const blocks = blocksOf(piece)
      if (blocks.checking) continue
      if (p.traits.wholePieces) {
        if (blocks.untouched) return { blocks, index: 0 }
        continue
      }
      const index = blocks.nextFree()
      if (index >= 0) return { blocks, index }
    }
    return undefined
  }

  const fillPeer = (p: Peer, now: number): void => {
    if (p.choked) return
    const slow = isSlow(p, bestRate())
    while (p.pace.outstanding < p.pace.queue) {
      const found = next(p, slow)
      if (!found) return
      if (p.traits.wholePieces) sendWhole(p, found.blocks, now)
      else send(p, found.blocks, found.index, now)
    }
  }

  const sendWhole = (p: Peer, blocks: PieceBlocks, now: number): void => {
    blocks.askAll(p.id, now, p.pace.eta(now))
    p.pace.sent(now)
    port.request(p.id, blocks.whole())
  }

  const fillAll = (now: number): void => {
    for (const p of [...peers.values()].sort((a, b) => b.pace.rate - a.pace.rate)) fillPeer(p, now)
  }

  /** Everything a peer owes becomes free for others. */
  const takeBack = (p: Peer, cancel: boolean): void => {
    for (const blocks of pieces.values()) {
      for (const index of blocks.owedBy(p.id)) {
        blocks.unask(index, p.id)
        if (cancel && !p.traits.wholePieces) port.cancel(p.id, blocks.block(index))
      }
    }
    while (p.pace.outstanding > 0) p.pace.freed()
    for (const [piece, only] of onlyFrom) if (only === p.id) onlyFrom.delete(piece)
  }

  const drop = (p: Peer, why: 'silent' | 'liar'): void => {
    takeBack(p, false)
    peers.delete(p.id)
    port.drop(p.id, why)
  }

  const releaseOthers = (blocks: PieceBlocks, index: number, from: string): void => {
    for (const other of blocks.askedOf(index)) {
      if (other === from) continue
      const p = peers.get(other)
      if (!p || p.traits.wholePieces) continue
      p.pace.freed()
      port.cancel(other, blocks.block(index))
    }
  }

  const fastestFor = (piece: number, except: readonly string[], now: number): Peer | undefined => {
    let best: Peer | undefined
    const top = bestRate()
    for (const p of peers.values()) {
      if (p.choked || p.traits.wholePieces || except.includes(p.id) || isSlow(p, top)) continue
      if (!mayTake(p, piece) || p.pace.outstanding >= p.pace.maxQueue) continue
      if (now - p.pace.owingSince > SILENT_MS / 2) continue
      if (!best || p.pace.eta(now) < best.pace.eta(now)) best = p
    }
    return best
  }

  /** Blocks near a reader that come too late are asked of the peer that will deliver first. */
  const askLateAgain = (now: number): void => {
    let doubled = 0
    for (let i = 0; i < needs.urgent && doubled < MOST_DOUBLED_A_TICK; i++) {
      const blocks = pieces.get(needs.order[i] as number)
      if (!blocks || blocks.checking) continue
      for (const owed of blocks.owed()) {
        if (owed.of.length > 1 || doubled >= MOST_DOUBLED_A_TICK) continue
        const late = now > owed.sentAt + (owed.due - owed.sentAt) * LATE_FACTOR + LATE_EXTRA_MS
        if (!late) continue
        const p = fastestFor(blocks.piece, owed.of, now)
        if (!p) continue
        send(p, blocks, owed.index, now)
        doubled++
      }
    }
  }

  const dropSilent = (now: number): void => {
    const working = [...peers.values()].filter((p) => !p.choked)
    for (const p of working) {
      const silence = now - p.pace.owingSince
      if (silence < (p.traits.wholePieces ? SILENT_WEB_SEED_MS : SILENT_MS)) continue
      const alone = !working.some((o) => o !== p && now - o.pace.owingSince < SILENT_MS)
      if (!alone || silence > SILENT_ALONE_MS) drop(p, 'silent')
    }
  }

  return {
    setNeeds(next) {
      needs = next
      if (seeked()) cancelUseless()
    },
    join(id, traits, now) {
      const p: Peer = { id, traits, pace: new PeerPace(traits.maxQueue), choked: true }
      if (traits.wholePieces) p.pace.queue = 1
      peers.set(id, p)
      fillPeer(p, now)
    },
    leave(id) {
      const p = peers.get(id)
      if (!p) return
      takeBack(p, false)
      peers.delete(id)
    },
    setChoked(id, choked, now) {
      const p = peers.get(id)
      if (!p) return
      p.choked = choked
      if (choked) takeBack(p, false)
      else fillPeer(p, now)
    },
    fill(id, now) {
      const p = peers.get(id)
      if (p) fillPeer(p, now)
    },
    arrived(id, block, now) {
      const p = peers.get(id)
      const blocks = pieces.get(block.piece)
      if (p?.traits.wholePieces && blocks) return arrivedWhole(p, blocks, block, now)
      const index = block.offset / BLOCK
      const sentAt = blocks?.sentAt(index, id)
      if (p && sentAt !== undefined) p.pace.arrived(block.length, sentAt, now)
      if (!blocks || !mayPut(id, blocks, block)) {
        if (p) fillPeer(p, now)
        return 'drop'
      }
      releaseOthers(blocks, index, id)
      blocks.put(index, id)
      if (p) fillPeer(p, now)
      if (!blocks.full) return 'keep'
      blocks.checking = true
      return 'keep-and-check'
    },
    refused(id, block, now) {
      const p = peers.get(id)
      const blocks = pieces.get(block.piece)
      if (!p || !blocks) return
      if (p.traits.wholePieces) {
        for (const index of blocks.owedBy(id)) blocks.unask(index, id)
      } else if (!blocks.unask(block.offset / BLOCK, id)) return
      p.pace.freed()
      fillAll(now)
    },
    verified(piece) {
      pieces.delete(piece)
      onlyFrom.delete(piece)
    },
    failed(piece, now) {
      const contributions = pieces.get(piece)?.contributions() ?? []
      pieces.delete(piece)
      suspect(piece, new Set(contributions.map((c) => c.peer)))
      fillAll(now)
      return contributions
    },
    liar(id) {
      const p = peers.get(id)
      if (p) drop(p, 'liar')
    },
    tick(now) {
      dropSilent(now)
      askLateAgain(now)
      fillAll(now)
    },
    abandon(most) {
      if (pieces.size <= most) return []
      const wanted = new Set(needs.order)
      const gone: number[] = []
      for (const [piece, blocks] of pieces) {
        if (wanted.has(piece) || blocks.checking || blocks.anyOwed) continue
        pieces.delete(piece)
        gone.push(piece)
      }
      return gone
    },
  }

  function arrivedWhole(
    p: Peer,
    blocks: PieceBlocks,
    block: Block,
    now: number,
  ): 'keep' | 'keep-and-check' | 'drop' {
    const sentAt = blocks.sentAt(0, p.id)
    if (sentAt === undefined || blocks.checking || block.length !== blocks.size) return 'drop'
    p.pace.arrived(block.length, sentAt, now)
    for (let i = 0; i < blocks.count; i++) {
      releaseOthers(blocks, i, p.id)
      blocks.put(i, p.id)
    }
    blocks.checking = true
    fillPeer(p, now)
    return 'keep-and-check'
  }

  /** A block is taken only from a peer that was asked for it, once, and while it fits. */
  function mayPut(id: string, blocks: PieceBlocks, block: Block): boolean {
    if (blocks.checking || !blocks.fits(block) || blocks.isHere(block.offset / BLOCK)) return false
    const only = onlyFrom.get(blocks.piece)
    return blocks.wasAsked(id) && (only === undefined || only === id)
  }

  /** The piece a viewer waits for is neither here nor asked for: somebody jumped. */
  function seeked(): boolean {
    const first = needs.order[0]
    if (first === undefined) return false
    const blocks = pieces.get(first)
    return blocks === undefined || blocks.untouched
  }

  /** After a seek: what is asked for and not wanted soon would only stand in the way. */
  function cancelUseless(): void {
    const wanted = new Set(needs.order.slice(0, needs.urgent))
    for (const blocks of pieces.values()) {
      if (wanted.has(blocks.piece)) continue
      for (const owed of blocks.owed()) {
        for (const id of owed.of) {
          const p = peers.get(id)
          if (!p || p.traits.wholePieces) continue
          blocks.unask(owed.index, id)
          p.pace.freed()
          port.cancel(id, blocks.block(owed.index))
        }
      }
    }
  }

  /** A lone contributor lied. Of several nobody knows who: the next try comes from one alone. */
  function suspect(piece: number, contributors: ReadonlySet<string>): void {
    onlyFrom.delete(piece)
    if (contributors.size === 1) {
      for (const id of contributors) {
        const p = peers.get(id)
        if (p) drop(p, 'liar')
      }
      return
    }
    const able = [...peers.values()].filter((p) => !p.choked && p.traits.has(piece))
    const order = (p: Peer): number => (contributors.has(p.id) ? 0 : 1e12) + p.pace.rate
    const only = able.sort((a, b) => order(b) - order(a))[0]
    if (only) onlyFrom.set(piece, only.id)
  }
}
