import { type Metainfo, rebuildMetainfo } from '../../common/bittorrent/metainfo.ts'
import type { FaultCode } from '../../common/errors.ts'
import { mergedSpec } from '../protocol/merged-spec.ts'
import type {
  EngineOptions,
  FileState,
  FromEngine,
  ReaderPlace,
  SerializedPlace,
  SerializedSlots,
  SlotChangesMessage,
} from '../protocol/messages.ts'
import type { TorrentSpec } from '../protocol/torrent-engine.ts'
import { ConnectedPeers } from './connected-peers.ts'
import { parseMetadata } from './parse-metadata.ts'
import { DownloadSpeed } from './peers/download-speed.ts'
import { createReconnector, type Reconnector } from './reconnector.ts'
import { BlockReceiver } from './storage/block-receiver.ts'
import { type EngineFile, openEngineFile } from './storage/engine-file.ts'
import { copyEdges, EngineFiles, uploadablePieces } from './storage/engine-files.ts'
import type { PieceBudget, PieceShare } from './storage/piece-budget.ts'
import { PieceWriter } from './storage/piece-writer.ts'
import { SlotStore } from './storage/slot-store.ts'
import { VerifiedBatcher } from './storage/verified-batcher.ts'
import type { Swarm, SwarmClient, SwarmEvents } from './swarm/swarm.ts'

/** What the sessions of all torrents share. */
export interface SessionDeps {
  readonly client: SwarmClient
  readonly options: EngineOptions
  readonly budget: PieceBudget
  send(message: FromEngine): void
}

/** One torrent: its peers, and the files of it that the main process has opened. */
export class TorrentSession {
  readonly #deps: SessionDeps
  #spec: TorrentSpec
  readonly #memory: PieceShare
  readonly #swarm: Swarm
  readonly #reconnector: Reconnector
  readonly #peers: ConnectedPeers
  readonly #writer: PieceWriter
  readonly #speed = new DownloadSpeed()
  readonly #files: EngineFiles
  readonly #slotStores = new Map<number, SlotStore>()
  readonly #verified = new VerifiedBatcher((id, pieces) => this.#sendVerified(id, pieces))
  /** Ids under which the metadata was asked for, until they are ended. */
  readonly #fetching = new Set<number>()
  /** Undefined until the metadata is known; then both are there. */
  #meta: Metainfo | undefined
  #receiver: BlockReceiver | undefined
  #closed = false
  #failed = false
  #hadPeer = false

  constructor(spec: TorrentSpec, deps: SessionDeps) {
    this.#spec = spec
    this.#deps = deps
    this.#memory = deps.budget.share(() => this.#receiver?.plan())
    this.#writer = new PieceWriter(deps.options.writeMs)
    const { infoHash } = spec
    this.#peers = new ConnectedPeers((why) =>
      deps.send({ t: 'log', level: 'debug', message: 'peer dropped', facts: { why, infoHash } }),
    )
    this.#files = new EngineFiles({
      prepare: async (file) => this.#meta && copyEdges(file, this.#files.all(), this.#meta),
      failed: (id, why) => this.#fail(id, 'INTERNAL', why),
      opened: (file) => this.#opened(file),
    })
    if (spec.metainfo) this.#acceptMetadata(spec.metainfo)
    this.#swarm = deps.client.join(spec, this.#swarmEvents(), this.#meta)
    this.#reconnector = createReconnector(this.#swarm, performance.now())
  }

  /** It failed as a whole: for whoever asks next a new session must be made. */
  get failed(): boolean {
    return this.#failed
  }

  /** Ids that were asked for something and have not been ended. */
  get users(): number {
    return this.#fetching.size + this.#files.ids().length
  }

  get states(): readonly FileState[] {
    const [{ peers, uploaded }, { bytesPerSecond }] = [this.#swarm, this.#speed]
    return this.#files.all().map(({ id }) => ({ id, peers, bytesPerSecond, uploaded }))
  }

  learn(spec: TorrentSpec): void {
    this.#spec = mergedSpec(this.#spec, spec)
    this.#swarm.learn(spec)
  }

  /** Asks for the metadata; answered with `metadata` or `failed` under this id. */
  fetchMetadata(id: number): void {
    this.#fetching.add(id)
    this.#sendMetadata(id)
  }

  open(id: number, place: SerializedPlace): void {
    const needsRoom = (bytes: number): void => this.#deps.send({ t: 'needs-room', id, bytes })
    this.#files.add(id, () => openEngineFile(id, place, this.#meta, needsRoom))
  }

  giveRoom(id: number, bytes: number): void {
    this.#files.get(id)?.giveRoom(bytes)
  }

  openSlots(id: number, slots: SerializedSlots): void {
    const store = new SlotStore(id, slots)
    this.#slotStores.set(id, store)
    this.#files.add(id, () => store.open())
  }

  changeSlots(message: SlotChangesMessage): void {
    this.#slotStores.get(message.id)?.change(message)
    this.#receiver?.plan()
  }

  setReaders(id: number, readers: readonly ReaderPlace[]): void {
    const file = this.#files.get(id)
    if (file) file.readers = readers
    this.#receiver?.plan()
  }

  /**
   * Ends what was asked for under this id. Resolves when nothing of it is written any more: for a
   * file, with the bitfield bytes of the pieces on disk.
   */
  async end(id: number): Promise<Uint8Array | undefined> {
    this.#fetching.delete(id)
    this.#slotStores.delete(id)
    const file = this.#files.end(id)
    if (!file) return undefined
    const closing = file.close().catch(() => {})
    for (const piece of this.#closed ? [] : uploadablePieces(file)) {
      if (!this.#files.uploadableFrom(piece)) this.#swarm.unverified(piece)
    }
    this.#receiver?.plan()
    await closing
    return file.have.bytes
  }

  tick(now: number): void {
    this.#speed.add(0, now)
    this.#receiver?.picker.tick(now)
    const isFed = this.#receiver && (!this.#receiver.lacks || this.#speed.moves(now))
    this.#reconnector.tick(now, this.users > 0, this.#swarm.peers > 0 && isFed === true)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#memory.use(false)
    this.#memory.release()
    for (const id of this.#files.ids()) void this.end(id)
    await this.#swarm.close()
  }

  #swarmEvents(): SwarmEvents {
    const peers = this.#peers
    return {
      metadata: (bytes) => this.#acceptMetadata(bytes),
      ready: () => this.#files.ready(),
      peer: (peer) => {
        peers.joined(peer)
        this.#announceFirstPeer()
      },
      peerChanged: (peer) => peers.changed(peer),
      peerGone: (peer) => peers.gone(peer),
      block: (peer, block, bytes) => this.#receiver?.take(peer, block, bytes),
      blockBegins: (peer, block) => this.#receiver?.begins(peer, block),
      blockEnds: (peer, block, placement) => this.#receiver?.ends(peer, block, placement),
      blockAborted: (block, placement) => this.#receiver?.aborted(block, placement),
      refused: (peer, block) => peers.refused(peer, block),
      read: (piece, offset, length) => this.#files.read(piece, offset, length),
      failed: (code, why) => this.#failAll(code, why),
    }
  }

  #announceFirstPeer(): void {
    if (this.#hadPeer) return
    for (const { id } of this.#files.all()) this.#deps.send({ t: 'first-peer', id })
    this.#hadPeer = true
  }

  #opened(file: EngineFile): void {
    for (const piece of uploadablePieces(file)) this.#swarm.verified(piece)
    this.#deps.send({ t: 'opened', id: file.id, have: file.have.bytes })
    if (this.#hadPeer) this.#deps.send({ t: 'first-peer', id: file.id })
    this.#receiver?.plan()
  }

  /** Undefined when the metadata is not valid or of another torrent. */
  #acceptMetadata(bytes: Uint8Array): Metainfo | undefined {
    if (this.#meta) return this.#meta
    try {
      this.#meta = parseMetadata(bytes, this.#spec.infoHash, this.#deps.options.maxLength)
    } catch (err) {
      const why = err instanceof Error ? err.message : 'The metadata was refused.'
      return void this.#failAll('HOSTILE_TORRENT', why)
    }
    this.#receiver = new BlockReceiver({
      meta: this.#meta,
      port: this.#peers,
      files: this.#files,
      writer: this.#writer,
      memory: this.#memory,
      countBytes: (count) => this.#speed.add(count, performance.now()),
      written: (piece, files) => this.#written(piece, files),
      writeFailed: (file, code, why) => this.#fail(file.id, code, why),
    })
    this.#peers.serve(this.#receiver.picker)
    for (const id of this.#fetching) this.#sendMetadata(id)
    return this.#meta
  }

  #sendMetadata(id: number): void {
    if (!this.#meta) return
    const { trackers, webSeeds } = this.#spec
    const metainfo = rebuildMetainfo(this.#meta, trackers, webSeeds)
    this.#deps.send({ t: 'metadata', id, metainfo })
  }

  #written(piece: number, files: readonly EngineFile[]): void {
    if (this.#closed) return
    for (const file of files) this.#verified.add(file.id, piece)
    if (files.some((file) => file.announced)) this.#swarm.verified(piece)
  }

  #sendVerified(id: number, written: readonly number[]): void {
    const file = this.#files.get(id)
    // A slot may have been taken away since its piece was written.
    const pieces = written.filter((piece) => file?.has(piece))
    if (!file || pieces.length === 0) return
    this.#deps.send({ t: 'verified', id, pieces, generation: file.generation })
  }

  #fail(id: number, code: FaultCode, why: string): void {
    this.#deps.send({ t: 'failed', id, code, why })
    void this.end(id)
  }

  #failAll(code: FaultCode, why: string): void {
    this.#failed = true
    for (const id of [...this.#fetching, ...this.#files.ids()]) this.#fail(id, code, why)
  }
}
