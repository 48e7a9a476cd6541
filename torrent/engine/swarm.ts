import WebTorrent from 'webtorrent'
import type { FaultCode } from '../../common/errors.ts'
import type { TorrentSpec } from '../torrent-engine.ts'
import type { EngineOptions } from './messages.ts'
import type { Block } from './scheduler.ts'
import type { WtClient, WtStore, WtStoreCallback, WtTorrent, WtWire } from './webtorrent-types.ts'

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
  /** `refused` is called later, never before this returns. */
  request(block: Block, refused: () => void): void
  cancel(block: Block): void
  /** Tells it of a piece, unless it has it. */
  announce(piece: number): void
  drop(): void
}

export interface SwarmEvents {
  /** The info dictionary as peers sent it, its hash checked. False = refused; nothing follows. */
  metadata(info: Uint8Array): boolean
  /** Pieces may be asked for from now on. */
  ready(): void
  peer(peer: SwarmPeer): void
  /** It was choked, unchoked, or has got more pieces. */
  peerChanged(peer: SwarmPeer): void
  peerGone(peer: SwarmPeer): void
  /** The bytes belong to the wire: copy what is to be kept before returning. */
  block(peer: SwarmPeer, block: Block, bytes: Uint8Array): void
  /** Bytes of a verified piece for another peer. */
  read(piece: number, offset: number, length: number): Promise<Uint8Array>
  failed(code: FaultCode, why: string): void
}

export interface Swarm {
  /** Marks a piece as ours: it is announced and uploaded from now on. */
  verified(piece: number): void
  unverified(piece: number): void
  readonly peers: number
  readonly bytesPerSecond: number
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
 * The one place that knows webtorrent: it finds peers, connects, encrypts, fetches metadata and
 * uploads. With `deselect` and no selection it asks for no piece by itself; that is our scheduler's.
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
    uploadLimit: options.uploadLimitBytes,
    dht: options.dht,
    lsd: options.lsd,
    utPex: options.pex,
    // For incoming connections: encrypted (MSE) or plain. Outgoing ones: see knock().
    secure: 1,
    // WebRTC opens native sockets that no guard of ours sees.
    tracker: { wrtc: false },
  })
  wt.on('error', died)
  if (!wt.listening) await new Promise<void>((resolve) => wt.once('listening', () => resolve()))
  const client: SwarmClient = {
    join: (spec, events) => join(wt, spec, events),
    get peers() {
      return wt.torrents.reduce((sum, t) => sum + t.wires.length, 0)
    },
    get torrents() {
      return wt.torrents.length
    },
    close: () => new Promise((resolve) => wt.destroy(() => resolve())),
  }
  return { client, port: wt.torrentPort }
}

/**
 * Connects in plain at first, and encrypted when an address is tried again: webtorrent itself only
 * ever does one of both, and the encrypted handshake costs a round trip and a key exchange.
 */
function knock(wt: WtClient, torrent: WtTorrent): void {
  const tries = new Map<unknown, number>()
  const addPeer = torrent._addPeer.bind(torrent)
  torrent._addPeer = (peer, ...rest) => {
    const before = tries.get(peer) ?? 0
    if (typeof peer === 'string') tries.set(peer, before + 1)
    wt.secure = before % 2
    try {
      return addPeer(peer, ...rest)
    } finally {
      wt.secure = 1
    }
  }
}

function join(wt: WtClient, spec: TorrentSpec, events: SwarmEvents): Swarm {
  const id =
    spec.metainfo ??
    ({
      infoHash: spec.infoHash,
      announce: [...spec.trackers],
      urlList: [...spec.webSeeds],
    } as const)
  const torrent = wt.add(id, {
    deselect: true,
    storeCacheSlots: 0,
    store: uploadStore(events),
    ...(spec.metainfo ? { announce: [...spec.trackers], urlList: [...spec.webSeeds] } : {}),
  })
  knock(wt, torrent)
  torrent.on('error', (err: Error) => events.failed('ENGINE_DIED', err.message))
  torrent.on('warning', () => {})
  torrent.on('infoHash', () => {
    // webtorrent hashes the info dictionary as it would write it: of a torrent with unsorted keys
    // it would look for another swarm.
    if (torrent.infoHash !== spec.infoHash) events.failed('BAD_TORRENT', 'its keys are not sorted')
  })
  torrent.on('ready', () => events.ready())
  torrent.on('wire', (wire: WtWire) => attach(torrent, wire, events))
  const heardOf = new Set<string>()
  torrent.on('peer', (address: unknown) => {
    if (typeof address === 'string' && heardOf.size < MOST_ADDRESSES) heardOf.add(address)
  })
  return {
    verified(piece) {
      torrent._markVerified(piece)
      for (const wire of torrent.wires) if (!wire.peerPieces.get(piece)) wire.have(piece)
    },
    unverified(piece) {
      if (!torrent.destroyed) torrent._markUnverified(piece)
    },
    get peers() {
      return torrent.wires.length
    },
    get bytesPerSecond() {
      return torrent.downloadSpeed
    },
    reconnect() {
      if (torrent.destroyed) return
      for (const address of heardOf) if (!address.startsWith('http')) torrent.addPeer(address)
    },
    announce() {
      if (!torrent.destroyed) torrent.discovery?.tracker?.update()
    },
    close: () =>
      new Promise((resolve) => {
        // A second destroy() never calls back, so it is asked first.
        if (torrent.destroyed) resolve()
        else torrent.destroy({ destroyStore: false }, () => resolve())
      }),
  }
}

/** webtorrent only reads from it, for uploads: pieces are written by the session. */
function uploadStore(
  events: SwarmEvents,
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
      events.read(piece, offset, length).then(
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

function attach(torrent: WtTorrent, wire: WtWire, events: SwarmEvents): void {
  gateMetadata(torrent, wire, events)
  const peer = swarmPeer(wire)
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

function swarmPeer(wire: WtWire): SwarmPeer {
  const webSeed = wire.type === 'webSeed'
  const id = `${++wires}`
  return {
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
    request(block, refused) {
      let returned = false
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
    announce(piece) {
      if (!wire.peerPieces.get(piece)) wire.have(piece)
    },
    drop() {
      wire.destroy()
    },
  }
}

/**
 * Metadata of a magnet comes from a stranger. webtorrent would parse it and act on it;
 * our gate looks first, and what it refuses never reaches webtorrent's own listener.
 */
function gateMetadata(torrent: WtTorrent, wire: WtWire, events: SwarmEvents): void {
  const theirs = wire.ut_metadata.listeners('metadata') as ((bytes: Uint8Array) => void)[]
  if (theirs.length === 0) return
  wire.ut_metadata.removeAllListeners('metadata')
  wire.ut_metadata.on('metadata', (wrapped: Uint8Array) => {
    if (torrent.destroyed || torrent.ready) return
    if (!events.metadata(wrapped)) return
    for (const listener of theirs) listener(wrapped)
  })
}
