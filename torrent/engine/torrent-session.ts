import type { FaultCode } from '../../common/errors.ts'
import { GateError } from '../../common/gate-error.ts'
import { type Metainfo, parseMetainfo, rebuildMetainfo } from '../../common/metainfo.ts'
import type { TorrentSpec } from '../torrent-engine.ts'
import { type Assembly, createAssembly } from './assembly.ts'
import { createConnectedPeers } from './connected-peers.ts'
import { matches, openContent } from './content.ts'
import { copyEdges, createContents, piecesOf } from './contents.ts'
import type {
  EngineOptions,
  FromEngine,
  ReaderPlace,
  WirePlace,
  WireSlotChanges,
  WireSlots,
} from './messages.ts'
import { orderNeeds } from './needs.ts'
import { createPieceKeeper } from './piece-keeper.ts'
import { createReconnector } from './reconnector.ts'
import { type Block, createScheduler, type Scheduler } from './scheduler.ts'
import { createSlotStore, type SlotStore } from './slot-store.ts'
import { createSpeed } from './speed.ts'
import { createSuspects } from './suspects.ts'
import type { Swarm, SwarmClient, SwarmPeer } from './swarm.ts'
import { createVerifiedNews } from './verified-news.ts'
import type { Placement } from './wire/parser.ts'

/** One torrent: its peers, and the contents (files) that are wanted of it. */
export interface TorrentSession {
  /** Asks for the metadata; answered with `described` or `failed` under this id. */
  describe(id: number): void
  open(id: number, place: WirePlace): void
  openSlots(id: number, slots: WireSlots): void
  changeSlots(message: WireSlotChanges): void
  read(id: number, readers: readonly ReaderPlace[]): void
  end(id: number): void
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

/** Memory for pieces being put together, per torrent; at least some pieces whatever their length. */
const ASSEMBLY_BYTES = 48 << 20
const FEWEST_PIECES = 4
const MOST_PIECES = 256

export function createTorrentSession(
  client: SwarmClient,
  spec: TorrentSpec,
  options: EngineOptions,
  send: (message: FromEngine) => void,
): TorrentSession {
  const describing = new Set<number>()
  const slotStores = new Map<number, SlotStore>()
  const peers = createConnectedPeers((why) => {
    const facts = { why, infoHash: spec.infoHash }
    send({ t: 'log', level: 'debug', message: 'peer dropped', facts })
  })
  const suspects = createSuspects()
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
  let scheduler: Scheduler | undefined
  let assembly: Assembly | undefined
  let closed = false
  let failed = false

  const contents = createContents({
    prepare: async (content) => meta && copyEdges(content, contents.all(), meta),
    failed: (id, why) => fail(id, 'INTERNAL', why),
    opened: (content) => {
      for (const piece of content.announced ? piecesOf(content) : []) {
        if (content.has(piece)) swarm.verified(piece)
      }
      send({ t: 'opened', id: content.id, have: content.have.bytes })
      plan()
    },
  })

  if (spec.metainfo) learn(spec.metainfo)
  const swarm: Swarm = client.join(spec, {
    metadata: learn,
    ready: () => contents.ready(),
    peer: peers.joined,
    peerChanged: peers.changed,
    peerGone: peers.gone,
    block: take,
    blockBegins: (peer, block) =>
      scheduler?.expects(peer.id, block) ? assembly?.place(block) : undefined,
    blockEnds,
    blockAborted: (block, placement) => assembly?.release(block, placement),
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
        throw new GateError('The metadata is of another torrent.')
      meta = parsed
    } catch (err) {
      failAll('HOSTILE_TORRENT', err instanceof Error ? err.message : 'The metadata was refused.')
      return false
    }
    const { pieceLength, length } = meta
    const size = (piece: number): number => Math.min(pieceLength, length - piece * pieceLength)
    assembly = createAssembly(size, pieceLength)
    scheduler = createScheduler(size, peers)
    peers.serve(scheduler)
    for (const id of describing) described(id)
    return true
  }

  function described(id: number): void {
    if (!meta) return
    const metainfo = rebuildMetainfo(meta.infoBytes, spec.trackers, spec.webSeeds)
    send({ t: 'described', id, metainfo })
  }

  function take(peer: SwarmPeer, block: Block, bytes: Uint8Array): void {
    if (!scheduler || !assembly || closed) return
    received(block.length)
    const verdict = scheduler.arrived(peer.id, block, now())
    if (verdict === 'drop') return
    assembly.put(block, bytes)
    if (verdict === 'keep-and-check') void check(scheduler, assembly, block.piece)
  }

  /** The bytes of a block lie where it was placed; unless its place was taken away meanwhile. */
  function blockEnds(peer: SwarmPeer, block: Block, placement: Placement | undefined): void {
    if (!scheduler || !assembly || closed) return
    if (!placement?.target) {
      scheduler.refused(peer.id, block, now())
      return
    }
    received(block.length)
    const verdict = scheduler.arrived(peer.id, block, now())
    if (verdict === 'drop') assembly.release(block, placement)
    else assembly.settle(block, placement)
    if (verdict === 'keep-and-check') void check(scheduler, assembly, block.piece)
  }

  async function check(schedule: Scheduler, pool: Assembly, piece: number): Promise<void> {
    const bytes = pool.bytes(piece)
    if (!meta || !matches(bytes, meta.pieces, piece)) {
      suspects.remember(bytes, schedule.failed(piece, now()))
      pool.giveBack(piece)
      return
    }
    for (const liar of suspects.convict(piece, bytes)) schedule.liar(liar)
    const keepers = contents.all().filter((c) => c.lacks(piece))
    const { failures, hangs } = await keeper.keep(keepers, piece, bytes)
    for (const { content, code, why } of failures) {
      if (contents.get(content.id) === content) fail(content.id, code, why)
    }
    // Bytes the system may still write must not become another piece's.
    if (hangs) pool.forget(piece)
    else pool.giveBack(piece)
    schedule.verified(piece)
    if (closed) return
    const kept = keepers.filter((c) => contents.get(c.id) === c && c.has(piece))
    for (const c of kept) news.tell(c.id, piece)
    if (kept.some((c) => c.announced)) swarm.verified(piece)
    plan()
  }

  function plan(): void {
    if (!scheduler || !assembly || !meta) return
    const most = Math.max(FEWEST_PIECES, Math.floor(ASSEMBLY_BYTES / meta.pieceLength))
    const limit = Math.min(most, MOST_PIECES)
    scheduler.setNeeds(orderNeeds(contents.all(), limit))
    for (const piece of scheduler.abandon(limit)) assembly.giveBack(piece)
    scheduler.tick(now())
  }

  function fail(id: number, code: FaultCode, why: string): void {
    send({ t: 'failed', id, code, why })
    end(id)
  }

  function failAll(code: FaultCode, why: string): void {
    failed = true
    for (const id of [...describing, ...contents.ids()]) fail(id, code, why)
  }

  function end(id: number): void {
    describing.delete(id)
    slotStores.delete(id)
    const content = contents.end(id)
    if (!content) return
    for (const piece of content.announced && !closed ? piecesOf(content) : []) {
      const elsewhere = contents.all().some((c) => c.announced && c.has(piece))
      if (content.has(piece) && !elsewhere) swarm.unverified(piece)
    }
    plan()
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
      scheduler?.tick(at)
      reconnector.tick(at, this.users > 0)
    },
    async close() {
      if (closed) return
      closed = true
      for (const id of contents.ids()) end(id)
      await swarm.close()
    },
  }
}
