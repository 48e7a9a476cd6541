import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import type { FaultCode } from '../../../common/errors.ts'
import type { Block, Placement } from '../blocks/block.ts'
import type { WirePort } from '../blocks/wire-port.ts'
import { createSmartBan } from '../peers/smart-ban.ts'
import { createPiecePicker, type PiecePicker } from '../picker/piece-picker.ts'
import { prioritize } from '../picker/priorities.ts'
import type { SwarmPeer } from '../swarm/swarm.ts'
import { type EngineFile, matches } from './engine-file.ts'
import type { EngineFiles } from './engine-files.ts'
import { type PieceShare, piecesWithin } from './piece-budget.ts'
import { createPieceBuffers } from './piece-buffers.ts'
import type { PieceWriter } from './piece-writer.ts'

/** Blocks in, verified pieces out: what is asked for, put together, checked and kept. */
export interface BlockReceiver {
  readonly picker: PiecePicker
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
  readonly files: EngineFiles
  readonly writer: PieceWriter
  readonly memory: PieceShare
  countBytes(bytes: number): void
  /** Verified and written by these contents. */
  written(piece: number, owners: readonly EngineFile[]): void
  /** The content cannot go on; a full disk is the usual reason. */
  writeFailed(file: EngineFile, code: FaultCode, why: string): void
}

/** One in so many buffers that may be filled at once is kept when it is empty. */
const SPARE_SHARE = 3

export function createBlockReceiver(deps: Deps): BlockReceiver {
  const { files, countBytes } = deps
  const { pieceLength, length, pieces: hashes } = deps.meta
  const size = (piece: number): number => Math.min(pieceLength, length - piece * pieceLength)
  const pieceLimit = (): number => piecesWithin(deps.memory, pieceLength)
  const buffers = createPieceBuffers(size, pieceLength, () => Math.ceil(pieceLimit() / SPARE_SHARE))
  const picker = createPiecePicker(size, deps.port)
  const smartBan = createSmartBan()
  const now = (): number => performance.now()

  async function check(piece: number): Promise<void> {
    const bytes = buffers.bytes(piece)
    if (!matches(bytes, hashes, piece)) {
      smartBan.recordBad(bytes, picker.hashFailed(piece, now()))
      buffers.recycle(piece)
      return
    }
    for (const ban of smartBan.corruptPeers(piece, bytes)) picker.ban(ban)
    const owners = files.all().filter((c) => c.lacks(piece))
    const { failures, hangs } = await deps.writer.write(owners, piece, bytes)
    for (const { file, code, why } of failures) {
      if (files.get(file.id) === file) deps.writeFailed(file, code, why)
    }
    // Bytes the system may still write must not become another piece's.
    if (hangs) buffers.abandon(piece)
    else buffers.recycle(piece)
    picker.verified(piece)
    const written = owners.filter((c) => files.get(c.id) === c && c.has(piece))
    deps.written(piece, written)
    plan()
  }

  function plan(): void {
    const limit = pieceLimit()
    const priorities = prioritize(files.all(), limit)
    deps.memory.use(priorities.order.length > 0)
    picker.setPriorities(priorities)
    for (const piece of picker.abandon(limit)) buffers.recycle(piece)
    picker.tick(now())
  }

  return {
    picker,
    plan,
    take(peer, block, bytes) {
      countBytes(block.length)
      const verdict = picker.received(peer.id, block, now())
      if (verdict === 'drop') return
      buffers.write(block, bytes)
      if (verdict === 'keep-and-check') void check(block.piece)
    },
    begins: (peer, block) => (picker.expects(peer.id, block) ? buffers.place(block) : undefined),
    /** The bytes of a block lie where it was placed; unless its place was taken away meanwhile. */
    ends(peer, block, placement) {
      if (!placement?.target) {
        picker.refused(peer.id, block, now())
        return
      }
      countBytes(block.length)
      const verdict = picker.received(peer.id, block, now())
      if (verdict === 'drop') buffers.discard(block, placement)
      else buffers.commit(block, placement)
      if (verdict === 'keep-and-check') void check(block.piece)
    },
    aborted: (block, placement) => buffers.discard(block, placement),
  }
}
