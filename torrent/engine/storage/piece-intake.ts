import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import type { FaultCode } from '../../../common/errors.ts'
import type { Block, Placement } from '../blocks/block.ts'
import type { WirePort } from '../blocks/wire-port.ts'
import { createSuspects } from '../peers/suspects.ts'
import { orderNeeds } from '../picker/needs.ts'
import { createScheduler, type Scheduler } from '../picker/scheduler.ts'
import type { SwarmPeer } from '../swarm/swarm.ts'
import { createAssembly } from './assembly.ts'
import { type Content, matches } from './content.ts'
import type { Contents } from './contents.ts'
import { type PieceShare, piecesIn } from './piece-budget.ts'
import type { PieceKeeper } from './piece-keeper.ts'

/** Blocks in, verified pieces out: what is asked for, put together, checked and kept. */
export interface PieceIntake {
  readonly scheduler: Scheduler
  take(peer: SwarmPeer, block: Block, bytes: Uint8Array): void
  begins(peer: SwarmPeer, block: Block): Placement | undefined
  ends(peer: SwarmPeer, block: Block, placement: Placement | undefined): void
  aborted(block: Block, placement: Placement): void
  /** Contents or readers changed: what is wanted is put in order anew. */
  plan(): void
}

interface Deps {
  readonly meta: Metainfo
  readonly port: WirePort
  readonly contents: Contents
  readonly keeper: PieceKeeper
  readonly memory: PieceShare
  received(bytes: number): void
  /** Verified and written by these contents. */
  kept(piece: number, keepers: readonly Content[]): void
  /** The content cannot go on; a full disk is the usual reason. */
  notWritten(content: Content, code: FaultCode, why: string): void
}

/** One in so many buffers that may be filled at once is kept when it is empty. */
const SPARE_SHARE = 3

export function createPieceIntake(deps: Deps): PieceIntake {
  const { contents, received } = deps
  const { pieceLength, length, pieces: hashes } = deps.meta
  const size = (piece: number): number => Math.min(pieceLength, length - piece * pieceLength)
  const limit = (): number => piecesIn(deps.memory, pieceLength)
  const assembly = createAssembly(size, pieceLength, () => Math.ceil(limit() / SPARE_SHARE))
  const scheduler = createScheduler(size, deps.port)
  const suspects = createSuspects()
  const now = (): number => performance.now()

  async function check(piece: number): Promise<void> {
    const bytes = assembly.bytes(piece)
    if (!matches(bytes, hashes, piece)) {
      suspects.remember(bytes, scheduler.failed(piece, now()))
      assembly.giveBack(piece)
      return
    }
    for (const liar of suspects.convict(piece, bytes)) scheduler.liar(liar)
    const keepers = contents.all().filter((c) => c.lacks(piece))
    const { failures, hangs } = await deps.keeper.keep(keepers, piece, bytes)
    for (const { content, code, why } of failures) {
      if (contents.get(content.id) === content) deps.notWritten(content, code, why)
    }
    // Bytes the system may still write must not become another piece's.
    if (hangs) assembly.forget(piece)
    else assembly.giveBack(piece)
    scheduler.verified(piece)
    const kept = keepers.filter((c) => contents.get(c.id) === c && c.has(piece))
    deps.kept(piece, kept)
    plan()
  }

  function plan(): void {
    const most = limit()
    const needs = orderNeeds(contents.all(), most)
    deps.memory.use(needs.order.length > 0)
    scheduler.setNeeds(needs)
    for (const piece of scheduler.abandon(most)) assembly.giveBack(piece)
    scheduler.tick(now())
  }

  return {
    scheduler,
    plan,
    take(peer, block, bytes) {
      received(block.length)
      const verdict = scheduler.arrived(peer.id, block, now())
      if (verdict === 'drop') return
      assembly.put(block, bytes)
      if (verdict === 'keep-and-check') void check(block.piece)
    },
    begins: (peer, block) =>
      scheduler.expects(peer.id, block) ? assembly.place(block) : undefined,
    /** The bytes of a block lie where it was placed; unless its place was taken away meanwhile. */
    ends(peer, block, placement) {
      if (!placement?.target) {
        scheduler.refused(peer.id, block, now())
        return
      }
      received(block.length)
      const verdict = scheduler.arrived(peer.id, block, now())
      if (verdict === 'drop') assembly.release(block, placement)
      else assembly.settle(block, placement)
      if (verdict === 'keep-and-check') void check(block.piece)
    },
    aborted: (block, placement) => assembly.release(block, placement),
  }
}
