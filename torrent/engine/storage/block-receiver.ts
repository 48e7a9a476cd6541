import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import { isPiece, sizeOfPiece } from '../../../common/bittorrent/piece-hash.ts'
import type { FaultCode } from '../../../common/errors.ts'
import type { Block, Placement } from '../blocks/block.ts'
import type { WirePort } from '../blocks/wire-port.ts'
import { SmartBan } from '../peers/smart-ban.ts'
import { PiecePicker } from '../picker/piece-picker.ts'
import { prioritize } from '../picker/priorities.ts'
import { readPause } from '../swarm/read-pause.ts'
import type { SwarmPeer } from '../swarm/swarm.ts'
import type { EngineFile } from './engine-file.ts'
import type { EngineFiles } from './engine-files.ts'
import type { PieceShare } from './piece-budget.ts'
import { PieceBuffers } from './piece-buffers.ts'
import type { PieceWriter } from './piece-writer.ts'

interface Deps {
  readonly meta: Metainfo
  readonly port: WirePort
  readonly files: EngineFiles
  readonly writer: PieceWriter
  readonly memory: PieceShare
  countBytes(bytes: number): void
  /** The piece is verified, and these files have written it. */
  written(piece: number, files: readonly EngineFile[]): void
  /** The file cannot go on; a full disk is the usual reason. */
  writeFailed(file: EngineFile, code: FaultCode, why: string): void
}

/** Blocks in, verified pieces out: puts pieces together, hashes them and has them written. */
export class BlockReceiver {
  readonly picker: PiecePicker
  readonly #deps: Deps
  readonly #buffers: PieceBuffers
  readonly #smartBan = new SmartBan()
  #lacks = false
  /** A viewer waits for each of these pieces now. */
  #waitedFor: readonly number[] = []

  constructor(deps: Deps) {
    this.#deps = deps
    const size = (piece: number): number => sizeOfPiece(deps.meta, piece)
    this.#buffers = new PieceBuffers(size, deps.meta.pieceLength, () => this.#pieceLimit)
    this.picker = new PiecePicker(size, deps.port)
  }

  /** A whole block, or several consecutive ones of a web seed. */
  take(peer: SwarmPeer, block: Block, bytes: Uint8Array): void {
    this.#deps.countBytes(block.length)
    const verdict = this.picker.received(peer.id, block, performance.now())
    if (verdict === 'drop') return
    this.#buffers.write(block, bytes)
    if (verdict === 'keep-and-check') void this.#check(block.piece)
  }

  /** A block begins to arrive: answers where its bytes go, if it is wanted. */
  begins(peer: SwarmPeer, block: Block): Placement | undefined {
    return this.picker.expects(peer.id, block) ? this.#buffers.place(block) : undefined
  }

  /** The block's bytes are where begins() placed them, unless that place was taken away meanwhile. */
  ends(peer: SwarmPeer, block: Block, placement: Placement | undefined): void {
    if (!placement?.target) {
      this.picker.refused(peer.id, block, performance.now())
      return
    }
    this.#deps.countBytes(block.length)
    const verdict = this.picker.received(peer.id, block, performance.now())
    if (verdict === 'drop') this.#buffers.discard(block, placement)
    else this.#buffers.commit(block, placement)
    if (verdict === 'keep-and-check') void this.#check(block.piece)
  }

  aborted(block: Block, placement: Placement): void {
    this.#buffers.discard(block, placement)
  }

  /** Files or readers have changed: the pieces are put in order anew. */
  plan(): void {
    const limit = this.#pieceLimit
    const priorities = prioritize(this.#deps.files.all(), limit)
    this.#lacks = priorities.order.length > 0
    this.#waitedFor = priorities.timeCritical
    this.#deps.memory.use(this.#lacks)
    this.picker.setPriorities(priorities)
    for (const piece of this.picker.abandon(limit)) this.#buffers.recycle(piece)
    this.#buffers.trim()
    if (this.#deps.files.all().length === 0) this.#deps.memory.release()
    this.picker.tick(performance.now())
  }

  /** Whether pieces are wanted that are not here. */
  get lacks(): boolean {
    return this.#lacks
  }

  /** None once the last file is closed, although the torrent stays for a while. */
  get #pieceLimit(): number {
    if (this.#deps.files.all().length === 0) return 0
    return this.#deps.memory.pieces(this.#deps.meta.pieceLength)
  }

  async #check(piece: number): Promise<void> {
    const { files, meta, writer } = this.#deps
    const bytes = this.#buffers.bytes(piece)
    if (!isPiece(meta, piece, bytes)) {
      this.#smartBan.recordBad(bytes, this.picker.hashFailed(piece, performance.now()))
      this.#buffers.recycle(piece)
      return
    }
    for (const peer of this.#smartBan.corruptPeers(piece, bytes)) this.picker.ban(peer)
    const lacking = files.all().filter((file) => file.lacks(piece))
    const readOn = this.#waitedFor.includes(piece) ? readPause.begin() : undefined
    const { failures, hangs } = await writer.write(lacking, piece, bytes)
    for (const { file, code, why } of failures) {
      if (files.get(file.id) === file) this.#deps.writeFailed(file, code, why)
    }
    // The system may still read the bytes for a write that hangs.
    if (hangs) this.#buffers.abandon(piece)
    else this.#buffers.recycle(piece)
    this.picker.verified(piece)
    const written = lacking.filter((file) => files.get(file.id) === file && file.has(piece))
    this.#deps.written(piece, written)
    readOn?.()
    this.plan()
  }
}
