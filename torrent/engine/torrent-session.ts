import type { FaultCode } from '../../common/errors.ts'
import { GateError } from '../../common/gate-error.ts'
import { type Metainfo, parseMetainfo, rebuildMetainfo } from '../../common/metainfo.ts'
import type { TorrentSpec } from '../torrent-engine.ts'
import { type Assembly, createAssembly } from './assembly.ts'
import { type Content, matches, openContent } from './content.ts'
import type { EngineOptions, FromEngine, ReaderPlace, WirePlace } from './messages.ts'
import { orderNeeds } from './needs.ts'
import { type Block, createScheduler, type Scheduler } from './scheduler.ts'
import { createSuspects } from './suspects.ts'
import type { Swarm, SwarmClient, SwarmPeer } from './swarm.ts'

/** One torrent: its peers, and the contents (files) that are wanted of it. */
export interface TorrentSession {
  /** Asks for the metadata; answered with `described` or `failed` under this id. */
  describe(id: number): void
  open(id: number, place: WirePlace): void
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
/** With nobody connected, whoever was heard of is tried again this often; trackers are asked less. */
const RECONNECT_MS = 3000
const ANNOUNCE_MS = 20_000

export function createTorrentSession(
  client: SwarmClient,
  spec: TorrentSpec,
  options: EngineOptions,
  send: (message: FromEngine) => void,
): TorrentSession {
  const describing = new Set<number>()
  const waiting = new Map<number, WirePlace>()
  const contents = new Map<number, Content>()
  /** Contents whose files are being opened; taken out when they are ended before that is done. */
  const opening = new Set<number>()
  const peers = new Map<string, SwarmPeer>()
  const banned = new Set<string>()
  const silent = new Set<string>()
  const suspects = createSuspects()
  const now = (): number => performance.now()
  let meta: Metainfo | undefined
  let scheduler: Scheduler | undefined
  let assembly: Assembly | undefined
  let ready = false
  let closed = false
  let reconnectAt = 0
  let announceAt = now() + ANNOUNCE_MS
  let failed = false
  let fresh: { id: number; pieces: number[] }[] = []

  if (spec.metainfo) learn(spec.metainfo)
  const swarm: Swarm = client.join(spec, {
    metadata: (wrapped) => learn(wrapped),
    ready: () => {
      ready = true
      for (const [id, place] of waiting) attach(id, place)
      waiting.clear()
    },
    peer: (peer) => {
      if (banned.has(peer.address)) return void setImmediate(() => peer.drop())
      peers.set(peer.id, peer)
      join(peer)
    },
    peerChanged: (peer) => {
      scheduler?.setChoked(peer.id, peer.choked, now())
      if (!peer.choked) scheduler?.fill(peer.id, now())
    },
    peerGone: (peer) => {
      peers.delete(peer.id)
      scheduler?.leave(peer.id)
    },
    block: take,
    read: async (piece, offset, length) => {
      for (const c of contents.values())
        if (c.has(piece)) return c.files.read(piece, offset, length)
      throw new Error('not here')
    },
    failed: failAll,
  })

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
    scheduler = createScheduler(size, {
      request: (id, block) => {
        peers.get(id)?.request(block, () => scheduler?.refused(id, block, now()))
      },
      cancel: (id, block) => peers.get(id)?.cancel(block),
      drop: (id, why) => dropPeer(id, why),
    })
    for (const peer of peers.values()) join(peer)
    for (const id of describing) described(id)
    return true
  }

  function described(id: number): void {
    if (!meta) return
    const metainfo = rebuildMetainfo(meta.infoBytes, spec.trackers, spec.webSeeds)
    send({ t: 'described', id, metainfo })
  }

  function join(peer: SwarmPeer): void {
    if (!scheduler) return
    const traits = {
      has: (piece: number) => peer.has(piece),
      wholePieces: peer.wholePieces,
      maxQueue: peer.maxQueue,
      probation: silent.has(peer.address),
    }
    scheduler.join(peer.id, traits, now())
    scheduler.setChoked(peer.id, peer.choked, now())
  }

  function dropPeer(id: string, why: 'silent' | 'liar'): void {
    const peer = peers.get(id)
    if (!peer) return
    if (why === 'silent') silent.add(peer.address)
    else banned.add(peer.address)
    send({
      t: 'log',
      level: 'debug',
      message: 'peer dropped',
      facts: { why, infoHash: spec.infoHash },
    })
    setImmediate(() => peer.drop())
  }

  function take(peer: SwarmPeer, block: Block, bytes: Uint8Array): void {
    if (!scheduler || !assembly || closed) return
    const verdict = scheduler.arrived(peer.id, block, now())
    if (verdict === 'drop') return
    assembly.put(block, bytes)
    if (verdict === 'keep-and-check') void check(block.piece)
  }

  async function check(piece: number): Promise<void> {
    if (!scheduler || !assembly || !meta) return
    const bytes = assembly.bytes(piece)
    if (!matches(bytes, meta.pieces, piece)) {
      const contributions = scheduler.failed(piece, now())
      suspects.remember(bytes, contributions)
      assembly.giveBack(piece)
      return
    }
    for (const liar of suspects.convict(piece, bytes)) scheduler.liar(liar)
    const keepers = [...contents.values()].filter((c) => c.lacks(piece))
    try {
      await Promise.all(keepers.map((c) => c.keep(piece, bytes)))
    } catch (err) {
      // A full disk is the usual reason; the contents it was for cannot go on.
      for (const c of keepers) fail(c.id, 'DOES_NOT_FIT', err instanceof Error ? err.message : '')
    }
    assembly.giveBack(piece)
    scheduler.verified(piece)
    if (closed) return
    const kept = keepers.filter((c) => contents.has(c.id) && c.has(piece))
    for (const c of kept) tell(c.id, piece)
    if (kept.length > 0) swarm.verified(piece)
    plan()
  }

  /** Pieces verified in one turn of the loop go in one message. */
  function tell(id: number, piece: number): void {
    if (fresh.length === 0) setImmediate(flush)
    const last = fresh.find((f) => f.id === id)
    if (last) last.pieces.push(piece)
    else fresh.push({ id, pieces: [piece] })
  }

  function flush(): void {
    const all = fresh
    fresh = []
    for (const { id, pieces } of all) {
      if (contents.has(id)) send({ t: 'verified', id, pieces })
    }
  }

  function plan(): void {
    if (!scheduler || !assembly || !meta) return
    const most = Math.max(FEWEST_PIECES, Math.floor(ASSEMBLY_BYTES / meta.pieceLength))
    const limit = Math.min(most, MOST_PIECES)
    scheduler.setNeeds(orderNeeds([...contents.values()], limit))
    for (const piece of scheduler.abandon(limit)) assembly.giveBack(piece)
    scheduler.tick(now())
  }

  function attach(id: number, place: WirePlace): void {
    if (!meta) return
    opening.add(id)
    openContent(id, place, meta.pieces).then(
      async (content) => {
        await copyFromOthers(content)
        if (closed || !opening.delete(id)) return content.files.close()
        contents.set(id, content)
        for (const piece of piecesOf(content)) if (content.has(piece)) swarm.verified(piece)
        send({ t: 'opened', id, have: content.have.bytes })
        plan()
      },
      (err: Error) => fail(id, 'INTERNAL', err.message),
    )
  }

  /** A boundary piece that a neighbour file has already need not be fetched again. */
  async function copyFromOthers(content: Content): Promise<void> {
    const pieces = piecesOf(content)
    for (const piece of [pieces[0], pieces.at(-1)]) {
      if (piece === undefined || content.has(piece) || !meta) continue
      const other = [...contents.values()].find((c) => c.has(piece))
      const bytes = await other?.files.read(piece, 0, meta.pieceLength).catch(() => undefined)
      if (bytes && matches(bytes, meta.pieces, piece)) await content.keep(piece, bytes)
    }
  }

  function piecesOf(c: Content): number[] {
    const first = Math.floor(c.layout.offset / c.layout.pieceLength)
    return Array.from({ length: c.have.length }, (_, i) => first + i)
  }

  function fail(id: number, code: FaultCode, why: string): void {
    send({ t: 'failed', id, code, why })
    end(id)
  }

  function failAll(code: FaultCode, why: string): void {
    failed = true
    for (const id of [...describing, ...waiting.keys(), ...opening, ...contents.keys()])
      fail(id, code, why)
  }

  function end(id: number): void {
    describing.delete(id)
    if (waiting.delete(id) || opening.delete(id)) return
    const content = contents.get(id)
    if (!content) return
    contents.delete(id)
    if (!closed) {
      const others = [...contents.values()]
      for (const piece of piecesOf(content)) {
        if (content.has(piece) && !others.some((c) => c.has(piece))) swarm.unverified(piece)
      }
    }
    void content.files.close().catch(() => {})
    plan()
  }

  return {
    describe(id) {
      describing.add(id)
      described(id)
    },
    open(id, place) {
      if (ready) attach(id, place)
      else waiting.set(id, place)
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
      return describing.size + waiting.size + opening.size + contents.size
    },
    get peers() {
      return swarm.peers
    },
    get bytesPerSecond() {
      return swarm.bytesPerSecond
    },
    get contents() {
      return [...contents.keys()]
    },
    tick(at) {
      scheduler?.tick(at)
      if (swarm.peers > 0 || this.users === 0) reconnectAt = at + RECONNECT_MS
      if (at < reconnectAt) return
      reconnectAt = at + RECONNECT_MS
      swarm.reconnect()
      if (at < announceAt) return
      announceAt = at + ANNOUNCE_MS
      swarm.announce()
    },
    async close() {
      if (closed) return
      closed = true
      for (const id of [...contents.keys()]) end(id)
      await swarm.close()
    },
  }
}
