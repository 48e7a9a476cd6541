import { type Metainfo, parseMetainfo, rebuildMetainfo } from '../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import type { FaultCode } from '../../common/errors.ts'
import type {
  EngineOptions,
  FromEngine,
  ReaderPlace,
  SerializedPlace,
  SerializedSlots,
  SlotChangesMessage,
} from '../protocol/messages.ts'
import type { TorrentSpec } from '../protocol/torrent-engine.ts'
import { createConnectedPeers } from './connected-peers.ts'
import { createDownloadSpeed } from './peers/download-speed.ts'
import { createReconnector } from './reconnector.ts'
import { type BlockReceiver, createBlockReceiver } from './storage/block-receiver.ts'
import { type EngineFile, openEngineFile } from './storage/engine-file.ts'
import { copyEdges, createEngineFiles, piecesOf } from './storage/engine-files.ts'
import type { PieceBudget } from './storage/piece-budget.ts'
import { createPieceWriter } from './storage/piece-writer.ts'
import { createSlotStore, type SlotStore } from './storage/slot-store.ts'
import { createVerifiedBatcher } from './storage/verified-batcher.ts'
import type { Swarm, SwarmClient } from './swarm/swarm.ts'

/** One torrent: its peers, and the contents (files) that are wanted of it. */
export interface TorrentSession {
  /** Asks for the metadata; answered with `described` or `failed` under this id. */
  fetchMetadata(id: number): void
  open(id: number, place: SerializedPlace): void
  openSlots(id: number, slots: SerializedSlots): void
  changeSlots(message: SlotChangesMessage): void
  read(id: number, readers: readonly ReaderPlace[]): void
  /** Resolves when nothing of it is written any more: with the bitfield bytes of a content's pieces. */
  end(id: number): Promise<Uint8Array | undefined>
  /** It failed as a whole; a new one must be made for who asks next. */
  readonly failed: boolean
  /** Whoever asked something of it, until ended. */
  readonly users: number
  readonly peers: number
  readonly bytesPerSecond: number
  readonly files: readonly number[]
  tick(now: number): void
  close(): Promise<void>
}

export function createTorrentSession(
  client: SwarmClient,
  spec: TorrentSpec,
  options: EngineOptions,
  send: (message: FromEngine) => void,
  budget: PieceBudget,
): TorrentSession {
  const memory = budget.share()
  const fetching = new Set<number>()
  const slotStores = new Map<number, SlotStore>()
  const peers = createConnectedPeers((why) => {
    const facts = { why, infoHash: spec.infoHash }
    send({ t: 'log', level: 'debug', message: 'peer dropped', facts })
  })
  const writer = createPieceWriter(options.writeMs)
  const now = (): number => performance.now()
  const speed = createDownloadSpeed()
  const countBytes = (bytes: number): void => speed.add(bytes, now())
  const verifiedBatcher = createVerifiedBatcher((id, reported) => {
    const file = files.get(id)
    // A slot may have been taken away since the piece was written.
    const pieces = reported.filter((piece) => file?.has(piece))
    if (file && pieces.length > 0) send({ t: 'verified', id, pieces, generation: file.generation })
  })
  let meta: Metainfo | undefined
  let receiver: BlockReceiver | undefined
  let closed = false
  let failed = false
  let peerConnected = false

  const files = createEngineFiles({
    prepare: async (file) => meta && copyEdges(file, files.all(), meta),
    failed: (id, why) => fail(id, 'INTERNAL', why),
    opened: (file) => {
      for (const piece of file.announced ? piecesOf(file) : []) {
        if (file.has(piece)) swarm.verified(piece)
      }
      send({ t: 'opened', id: file.id, have: file.have.bytes })
      if (peerConnected) send({ t: 'first-peer', id: file.id })
      plan()
    },
  })

  if (spec.metainfo) acceptMetadata(spec.metainfo)
  const swarm: Swarm = client.join(spec, {
    metadata: acceptMetadata,
    ready: () => files.ready(),
    peer(...joined) {
      peers.joined(...joined)
      if (!peerConnected) for (const { id } of files.all()) send({ t: 'first-peer', id })
      peerConnected = true
    },
    peerChanged: peers.changed,
    peerGone: peers.gone,
    block: (peer, block, bytes) => receiver?.take(peer, block, bytes),
    blockBegins: (peer, block) => receiver?.begins(peer, block),
    blockEnds: (peer, block, placement) => receiver?.ends(peer, block, placement),
    blockAborted: (block, placement) => receiver?.aborted(block, placement),
    refused: peers.refused,
    read: async (piece, offset, length) => {
      const from = files.all().find((c) => c.announced && c.has(piece))
      if (!from) throw new Error('not here')
      return from.read(piece, offset, length)
    },
    failed: failAll,
  })

  const reconnector = createReconnector(swarm, now())

  /** Answers whether the metadata passed the gate. */
  function acceptMetadata(bytes: Uint8Array): boolean {
    if (meta) return true
    try {
      const parsed = parseMetainfo(bytes, { maxLength: options.maxLength })
      if (parsed.infoHash !== spec.infoHash)
        throw new ValidationError('The metadata is of another torrent.')
      meta = parsed
    } catch (err) {
      failAll('HOSTILE_TORRENT', err instanceof Error ? err.message : 'The metadata was refused.')
      return false
    }
    receiver = createBlockReceiver({
      ...{ meta, port: peers, files, countBytes, written, writer, memory },
      writeFailed: (file, code, why) => fail(file.id, code, why),
    })
    peers.serve(receiver.picker)
    for (const id of fetching) sendMetadata(id)
    return true
  }

  function sendMetadata(id: number): void {
    if (!meta) return
    const metainfo = rebuildMetainfo(meta.infoBytes, spec.trackers, spec.webSeeds)
    send({ t: 'metadata', id, metainfo })
  }

  function written(piece: number, owners: readonly EngineFile[]): void {
    if (closed) return
    for (const c of owners) verifiedBatcher.add(c.id, piece)
    if (owners.some((c) => c.announced)) swarm.verified(piece)
  }

  function plan(): void {
    receiver?.plan()
  }

  function fail(id: number, code: FaultCode, why: string): void {
    send({ t: 'failed', id, code, why })
    void end(id)
  }

  function failAll(code: FaultCode, why: string): void {
    failed = true
    for (const id of [...fetching, ...files.ids()]) fail(id, code, why)
  }

  async function end(id: number): Promise<Uint8Array | undefined> {
    fetching.delete(id)
    slotStores.delete(id)
    const file = files.end(id)
    if (!file) return undefined
    const closing = file.close().catch(() => {})
    for (const piece of file.announced && !closed ? piecesOf(file) : []) {
      const elsewhere = files.all().some((c) => c.announced && c.has(piece))
      if (file.has(piece) && !elsewhere) swarm.unverified(piece)
    }
    plan()
    await closing
    return file.have.bytes
  }

  return {
    fetchMetadata(id) {
      fetching.add(id)
      sendMetadata(id)
    },
    open(id, place) {
      files.add(id, () => openEngineFile(id, place, meta?.pieces ?? new Uint8Array()))
    },
    openSlots(id, slots) {
      const store = createSlotStore(id, slots)
      slotStores.set(id, store)
      files.add(id, store.open)
    },
    changeSlots(message) {
      slotStores.get(message.id)?.change(message)
      plan()
    },
    read(id, readers) {
      const file = files.get(id)
      if (!file) return
      file.readers = readers
      plan()
    },
    end,
    get failed() {
      return failed
    },
    get users() {
      return fetching.size + files.ids().length
    },
    get peers() {
      return swarm.peers
    },
    get bytesPerSecond() {
      return speed.bytesPerSecond
    },
    get files() {
      return files.all().map((c) => c.id)
    },
    tick(at) {
      speed.add(0, at)
      receiver?.picker.tick(at)
      reconnector.tick(at, this.users > 0)
    },
    async close() {
      if (closed) return
      closed = true
      memory.use(false)
      for (const id of files.ids()) void end(id)
      await swarm.close()
    },
  }
}
