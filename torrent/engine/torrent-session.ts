import { type Metainfo, parseMetainfo, rebuildMetainfo } from '../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import type { FaultCode } from '../../common/errors.ts'
import type {
  EngineOptions,
  FromEngine,
  ReaderPlace,
  WirePlace,
  WireSlotChanges,
  WireSlots,
} from '../protocol/messages.ts'
import type { TorrentSpec } from '../protocol/torrent-engine.ts'
import { createConnectedPeers } from './connected-peers.ts'
import { createSpeed } from './peers/speed.ts'
import { createReconnector } from './reconnector.ts'
import { type Content, openContent } from './storage/content.ts'
import { copyEdges, createContents, piecesOf } from './storage/contents.ts'
import type { PieceBudget } from './storage/piece-budget.ts'
import { createPieceIntake, type PieceIntake } from './storage/piece-intake.ts'
import { createPieceKeeper } from './storage/piece-keeper.ts'
import { createSlotStore, type SlotStore } from './storage/slot-store.ts'
import { createVerifiedNews } from './storage/verified-news.ts'
import type { Swarm, SwarmClient } from './swarm/swarm.ts'

/** One torrent: its peers, and the contents (files) that are wanted of it. */
export interface TorrentSession {
  /** Asks for the metadata; answered with `described` or `failed` under this id. */
  describe(id: number): void
  open(id: number, place: WirePlace): void
  openSlots(id: number, slots: WireSlots): void
  changeSlots(message: WireSlotChanges): void
  read(id: number, readers: readonly ReaderPlace[]): void
  /** Resolves when nothing of it is written any more: with the bitfield bytes of a content's pieces. */
  end(id: number): Promise<Uint8Array | undefined>
  /** It failed as a whole; a new one must be made for who asks next. */
  readonly failed: boolean
  /** Whoever asked something of it, until ended. */
  readonly users: number
  readonly peers: number
  readonly bytesPerSecond: number
  readonly contents: readonly number[]
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
  const describing = new Set<number>()
  const slotStores = new Map<number, SlotStore>()
  const peers = createConnectedPeers((why) => {
    const facts = { why, infoHash: spec.infoHash }
    send({ t: 'log', level: 'debug', message: 'peer dropped', facts })
  })
  const keeper = createPieceKeeper(options.writeMs)
  const now = (): number => performance.now()
  const speed = createSpeed()
  const received = (bytes: number): void => speed.add(bytes, now())
  const news = createVerifiedNews((id, told) => {
    const content = contents.get(id)
    // A slot may have been taken away since the piece was written.
    const pieces = told.filter((piece) => content?.has(piece))
    if (content && pieces.length > 0) send({ t: 'verified', id, pieces, turn: content.turn })
  })
  let meta: Metainfo | undefined
  let intake: PieceIntake | undefined
  let closed = false
  let failed = false
  let met = false

  const contents = createContents({
    prepare: async (content) => meta && copyEdges(content, contents.all(), meta),
    failed: (id, why) => fail(id, 'INTERNAL', why),
    opened: (content) => {
      for (const piece of content.announced ? piecesOf(content) : []) {
        if (content.has(piece)) swarm.verified(piece)
      }
      send({ t: 'opened', id: content.id, have: content.have.bytes })
      if (met) send({ t: 'met', id: content.id })
      plan()
    },
  })

  if (spec.metainfo) learn(spec.metainfo)
  const swarm: Swarm = client.join(spec, {
    metadata: learn,
    ready: () => contents.ready(),
    peer(...joined) {
      peers.joined(...joined)
      if (!met) for (const { id } of contents.all()) send({ t: 'met', id })
      met = true
    },
    peerChanged: peers.changed,
    peerGone: peers.gone,
    block: (peer, block, bytes) => intake?.take(peer, block, bytes),
    blockBegins: (peer, block) => intake?.begins(peer, block),
    blockEnds: (peer, block, placement) => intake?.ends(peer, block, placement),
    blockAborted: (block, placement) => intake?.aborted(block, placement),
    refused: peers.refused,
    read: async (piece, offset, length) => {
      const from = contents.all().find((c) => c.announced && c.has(piece))
      if (!from) throw new Error('not here')
      return from.read(piece, offset, length)
    },
    failed: failAll,
  })

  const reconnector = createReconnector(swarm, now())

  /** Answers whether the metadata passed the gate. */
  function learn(bytes: Uint8Array): boolean {
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
    intake = createPieceIntake({
      ...{ meta, port: peers, contents, received, kept, keeper, memory },
      notWritten: (content, code, why) => fail(content.id, code, why),
    })
    peers.serve(intake.scheduler)
    for (const id of describing) described(id)
    return true
  }

  function described(id: number): void {
    if (!meta) return
    const metainfo = rebuildMetainfo(meta.infoBytes, spec.trackers, spec.webSeeds)
    send({ t: 'described', id, metainfo })
  }

  function kept(piece: number, keepers: readonly Content[]): void {
    if (closed) return
    for (const c of keepers) news.tell(c.id, piece)
    if (keepers.some((c) => c.announced)) swarm.verified(piece)
  }

  function plan(): void {
    intake?.plan()
  }

  function fail(id: number, code: FaultCode, why: string): void {
    send({ t: 'failed', id, code, why })
    void end(id)
  }

  function failAll(code: FaultCode, why: string): void {
    failed = true
    for (const id of [...describing, ...contents.ids()]) fail(id, code, why)
  }

  async function end(id: number): Promise<Uint8Array | undefined> {
    describing.delete(id)
    slotStores.delete(id)
    const content = contents.end(id)
    if (!content) return undefined
    const closing = content.close().catch(() => {})
    for (const piece of content.announced && !closed ? piecesOf(content) : []) {
      const elsewhere = contents.all().some((c) => c.announced && c.has(piece))
      if (content.has(piece) && !elsewhere) swarm.unverified(piece)
    }
    plan()
    await closing
    return content.have.bytes
  }

  return {
    describe(id) {
      describing.add(id)
      described(id)
    },
    open(id, place) {
      contents.add(id, () => openContent(id, place, meta?.pieces ?? new Uint8Array()))
    },
    openSlots(id, slots) {
      const store = createSlotStore(id, slots)
      slotStores.set(id, store)
      contents.add(id, store.open)
    },
    changeSlots(message) {
      slotStores.get(message.id)?.change(message)
      plan()
    },
    read(id, readers) {
      const content = contents.get(id)
      if (!content) return
      content.readers = readers
      plan()
    },
    end,
    get failed() {
      return failed
    },
    get users() {
      return describing.size + contents.ids().length
    },
    get peers() {
      return swarm.peers
    },
    get bytesPerSecond() {
      return speed.bytesPerSecond
    },
    get contents() {
      return contents.all().map((c) => c.id)
    },
    tick(at) {
      speed.add(0, at)
      intake?.scheduler.tick(at)
      reconnector.tick(at, this.users > 0)
    },
    async close() {
      if (closed) return
      closed = true
      memory.use(false)
      for (const id of contents.ids()) void end(id)
      await swarm.close()
    },
  }
}
