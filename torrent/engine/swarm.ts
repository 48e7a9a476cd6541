import WebTorrent from 'webtorrent'
import type { FaultCode } from '../../common/errors.ts'
import { parseMetainfo } from '../../common/metainfo.ts'
import type { TorrentSpec } from '../torrent-engine.ts'
import type { EngineOptions } from './messages.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import type { Block } from './scheduler.ts'
import type { WtClient, WtStore, WtStoreCallback, WtTorrent, WtWire } from './webtorrent-types.ts'
import type { Placement } from './wire/parser.ts'
import { createPlainWires } from './wire/plain-wires.ts'

/** A connection to a peer, as the rest of the engine sees it. */
export interface SwarmPeer {
  readonly id: string
  /** `ip:port`, or the URL of a web seed. */
  readonly address: string
  readonly wholePieces: boolean
  /** Requests it says it will hold (BEP 10 `reqq`), or what clients usually do. */
  readonly maxQueue: number
  has(piece: number): boolean
  readonly choked: boolean
  /** What comes of it is told by the events, never before this returns. */
  request(block: Block): void
  cancel(block: Block): void
  drop(): void
}

export interface SwarmEvents {
  /** A .torrent of nothing but the info dictionary that peers sent. False = refused; nothing follows. */
  metadata(wrapped: Uint8Array): boolean
  /** Pieces may be asked for from now on. */
  ready(): void
  peer(peer: SwarmPeer): void
  /** It was choked, unchoked, or has got more pieces. */
  peerChanged(peer: SwarmPeer): void
  peerGone(peer: SwarmPeer): void
  /** The bytes belong to the wire: copy what is to be kept before returning. */
  block(peer: SwarmPeer, block: Block, bytes: Uint8Array): void
  /** A block begins to arrive: where its bytes go, or undefined when nobody wants them. */
  blockBegins(peer: SwarmPeer, block: Block): Placement | undefined
  blockEnds(peer: SwarmPeer, block: Block, placement: Placement | undefined): void
  blockAborted(block: Block, placement: Placement): void
  /** A request came to nothing. */
  refused(peer: SwarmPeer, block: Block): void
  /** Bytes of a verified piece for another peer. */
  read(piece: number, offset: number, length: number): Promise<Uint8Array>
  failed(code: FaultCode, why: string): void
}

export interface Swarm {
  /** Marks a piece as ours: it is announced and uploaded from now on. */
  verified(piece: number): void
  unverified(piece: number): void
  readonly peers: number
  /** Connects again to everyone it has heard of. */
  reconnect(): void
  /** Asks the trackers for more peers. */
  announce(): void
  close(): Promise<void>
}

export interface SwarmClient {
  join(spec: TorrentSpec, events: SwarmEvents): Swarm
  readonly peers: number
  readonly torrents: number
  close(): Promise<void>
}

/** Clients hold this many requests when they do not say otherwise (BEP 10 gives no default). */
const USUAL_QUEUE = 250
const MOST_QUEUE = 512
const MAX_CONNECTIONS = 40
const WEB_SEED_QUEUE = 3
const MOST_ADDRESSES = 200

/**
 * The one place that knows webtorrent: it finds peers (trackers, DHT, PEX, LSD), takes incoming
 * connections, speaks to web seeds and to peers that want encryption. To all others we connect
 * ourselves (wire/): its streams and joins are what kept a download at half the speed.
 * @param died called once when the client as a whole is lost (a port in use, a DHT error)
 */
export async function createSwarmClient(
  options: EngineOptions,
  died: (error: Error) => void,
): Promise<{ client: SwarmClient; port: number }> {
  const wt = new WebTorrent({
    utp: false,
    natUpnp: false,
    natPmp: false,
    maxConns: MAX_CONNECTIONS,
    torrentPort: options.port,
    dht: options.dht,
    lsd: options.lsd,
    utPex: options.pex,
    // Encrypted (MSE); incoming ones may be plain too.
    secure: 1,
    // WebRTC opens native sockets that no guard of ours sees.
    tracker: { wrtc: false },
  })
  wt.on('error', died)
  if (!wt.listening) await new Promise<void>((resolve) => wt.once('listening', () => resolve()))
  const limit = createRateLimit(options.uploadLimitBytes)
  const swarms = new Set<Swarm>()
  const client: SwarmClient = {
    join(spec, events) {
      const closed = (): void => void swarms.delete(swarm)
      const swarm = join(wt, spec, events, { limit, pex: options.pex, closed })
      swarms.add(swarm)
      return swarm
    },
    get peers() {
      let sum = 0
      for (const swarm of swarms) sum += swarm.peers
      return sum
    },
    get torrents() {
      return wt.torrents.length
    },
    close: () => new Promise((resolve) => wt.destroy(() => resolve())),
  }
  return { client, port: wt.torrentPort }
}

function join(
  wt: WtClient,
  spec: TorrentSpec,
  events: SwarmEvents,
  { limit, pex, closed }: { limit: RateLimit; pex: boolean; closed: () => void },
): Swarm {
  // Without its metainfo even where we have it: so webtorrent looks for peers at once.
  const { infoHash, trackers, webSeeds } = spec
  const torrent = wt.add(
    { infoHash, announce: [...trackers], urlList: [...webSeeds] },
    { deselect: true, storeCacheSlots: 0, store: uploadStore(events, limit) },
  )
  const heardOf = new Set<string>()
  const verified = new Set<number>()
  let known: Uint8Array | undefined

  const plain = createPlainWires({
    ...{ infoHash, pex, limit, events },
    peerId: wt.peerIdBuffer,
    port: wt.torrentPort,
    metadata: (info) => void learn(wrapInfo(info)),
    peersHeardOf: (addresses) => {
      for (const address of addresses) torrent.addPeer(address)
    },
    mute: (address) => void encrypted(address),
  })
  const encrypted = routePeers(torrent, (address) => {
    if (heardOf.size < MOST_ADDRESSES) heardOf.add(address)
    return plain.connect(address)
  })

  /** Metadata that our gate has passed goes to both kinds of connections. */
  function learn(wrapped: Uint8Array): boolean {
    if (known) return true
    if (!events.metadata(wrapped)) return false
    known = wrapped
    const { infoBytes, pieces } = parseMetainfo(wrapped, { maxLength: Number.MAX_SAFE_INTEGER })
    plain.learned(infoBytes, pieces.length / 20)
    events.ready()
    // webtorrent needs it for web seeds and incoming peers, and takes its time: the first byte first.
    setImmediate(() => {
      // Its own parser may refuse what ours has passed: then there are no web seeds.
      if (!torrent.destroyed) torrent._onMetadata(wrapped).catch(() => {})
    })
    return true
  }

  torrent.on('error', (err: Error) => events.failed('ENGINE_DIED', err.message))
  torrent.on('warning', () => {})
  torrent.on('infoHash', () => {
    if (spec.metainfo) learn(spec.metainfo)
  })
  torrent.on('ready', () => {
    // It hashes the info dictionary as it would write it: of a torrent with unsorted keys it would
    // look for another swarm.
    if (torrent.infoHash !== infoHash) events.failed('BAD_TORRENT', 'its keys are not sorted')
    else for (const piece of verified) torrent._markVerified(piece)
  })
  torrent.on('wire', (wire: WtWire) => attach(torrent, wire, events, learn))
  return {
    verified(piece) {
      verified.add(piece)
      plain.verified(piece)
      if (!torrent.ready || torrent.destroyed) return
      torrent._markVerified(piece)
      for (const wire of torrent.wires) if (!wire.peerPieces.get(piece)) wire.have(piece)
    },
    unverified(piece) {
      verified.delete(piece)
      plain.unverified(piece)
      if (torrent.ready && !torrent.destroyed) torrent._markUnverified(piece)
    },
    get peers() {
      return torrent.wires.length + plain.count
    },
    reconnect() {
      if (torrent.destroyed) return
      for (const address of heardOf) if (!plain.connect(address)) encrypted(address)
    },
    announce() {
      if (!torrent.destroyed) torrent.discovery?.tracker?.update()
    },
    close() {
      closed()
      plain.close()
      return new Promise((resolve) => {
        // A second destroy() never calls back, so it is asked first.
        if (torrent.destroyed) resolve()
        else torrent.destroy({ destroyStore: false }, () => resolve())
      })
    },
  }
}

/**
 * Addresses that webtorrent hears of are connected to by us; `take` answers whether it did.
 * Gives back webtorrent's own way, for peers that want encryption.
 */
function routePeers(
  torrent: WtTorrent,
  take: (address: string) => boolean,
): (address: string) => unknown {
  const addPeer = torrent._addPeer.bind(torrent)
  torrent._addPeer = (peer, type, source) => {
    if (typeof peer !== 'string') return addPeer(peer, type, source)
    return torrent._validAddr(peer) && take(peer) ? { id: peer } : null
  }
  return (address) => (torrent.destroyed ? null : addPeer(address, 'tcp', 'manual'))
}

const wrapInfo = (info: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])

/** webtorrent only reads from it, for uploads: pieces are written by the session. */
function uploadStore(
  events: SwarmEvents,
  limit: RateLimit,
): new (
  length: number,
  opts: { torrent: WtTorrent },
) => WtStore {
  return class implements WtStore {
    constructor(_pieceLength: number, opts: { torrent: WtTorrent }) {
      // Nothing is there yet as far as webtorrent knows: an empty map spares it hashing every
      // piece before `ready`. What is on disk already is marked by the session.
      opts.torrent._startupBitfield = new Uint8Array(Math.ceil(opts.torrent.pieces.length / 8))
    }
    put(_piece: number, _bytes: Uint8Array, cb: (err: Error | null) => void): void {
      cb(new Error('pieces are written by the session'))
    }
    get(
      piece: number,
      opts: { offset?: number; length?: number } | undefined | null | WtStoreCallback,
      cb?: WtStoreCallback,
    ): void {
      const done = typeof opts === 'function' ? opts : cb
      const { offset = 0, length = 0 } = typeof opts === 'object' && opts ? opts : {}
      if (limit.off) {
        done?.(new Error('nothing is given'))
        return
      }
      const read = limit.take(length).then(() => events.read(piece, offset, length))
      read.then(
        (bytes) => done?.(null, bytes),
        (err: Error) => done?.(err),
      )
    }
    close(cb: (err: Error | null) => void): void {
      cb(null)
    }
    destroy(cb: (err: Error | null) => void): void {
      cb(null)
    }
  }
}

let wires = 0

function attach(
  torrent: WtTorrent,
  wire: WtWire,
  events: SwarmEvents,
  learn: (wrapped: Uint8Array) => boolean,
): void {
  gateMetadata(torrent, wire, learn)
  const peer = swarmPeer(wire, events)
  const changed = () => events.peerChanged(peer)
  for (const event of ['bitfield', 'have', 'have-all', 'have-none', 'choke', 'unchoke']) {
    wire.on(event, changed)
  }
  wire.lt_donthave.on('donthave', changed)
  wire.on('piece', (piece: number, offset: number, bytes: Uint8Array) =>
    events.block(peer, { piece, offset, length: bytes.length }, bytes),
  )
  wire.once('finish', () => events.peerGone(peer))
  events.peer(peer)
}

function swarmPeer(wire: WtWire, events: SwarmEvents): SwarmPeer {
  const webSeed = wire.type === 'webSeed'
  const id = `${++wires}`
  const peer: SwarmPeer = {
    id,
    // A web seed's wire does not say its URL; one that is dropped does not come back by itself.
    address: webSeed ? `web seed ${id}` : `${wire.remoteAddress}:${wire.remotePort}`,
    wholePieces: webSeed,
    get maxQueue() {
      const reqq = wire.peerExtendedHandshake.reqq
      if (webSeed) return WEB_SEED_QUEUE
      return typeof reqq === 'number' && reqq > 0 ? Math.min(reqq, MOST_QUEUE) : USUAL_QUEUE
    },
    has: (piece) => wire.peerPieces.get(piece),
    get choked() {
      return wire.peerChoking
    },
    request(block) {
      let returned = false
      const refused = (): void => events.refused(peer, block)
      wire.request(block.piece, block.offset, block.length, (err) => {
        // What we cancelled ourselves is no refusal: the block may be asked again of it by now.
        if (!err || err.message === 'request was cancelled') return
        if (returned) refused()
        else setImmediate(refused)
      })
      returned = true
    },
    cancel(block) {
      wire.cancel(block.piece, block.offset, block.length)
    },
    drop() {
      wire.destroy()
    },
  }
  return peer
}

/**
 * Metadata of a magnet comes from a stranger. webtorrent would parse it and act on it;
 * our gate looks first, and what it refuses never reaches webtorrent's own listener.
 */
function gateMetadata(
  torrent: WtTorrent,
  wire: WtWire,
  learn: (wrapped: Uint8Array) => boolean,
): void {
  const theirs = wire.ut_metadata.listeners('metadata') as ((bytes: Uint8Array) => void)[]
  if (theirs.length === 0) return
  wire.ut_metadata.removeAllListeners('metadata')
  wire.ut_metadata.on('metadata', (wrapped: Uint8Array) => {
    if (!torrent.destroyed && !torrent.ready) learn(wrapped)
  })
}
