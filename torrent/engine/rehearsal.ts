import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import type { EngineOptions, FromEngine, SerializedPlace } from '../protocol/messages.ts'
import { PieceBudget } from './storage/piece-budget.ts'
import { RateLimit } from './swarm/rate-limit.ts'
import type { Swarm, SwarmEvents } from './swarm/swarm.ts'
import { TorrentSession } from './torrent-session.ts'
import { PeerWire } from './wire/peer-wire.ts'
import { TcpTorrent } from './wire/tcp-torrent.ts'

const PIECES = 4
const PIECE_BYTES = 64 * 1024
const SIZE = PIECES * PIECE_BYTES
/** Where nobody is, and nobody is looked for. */
const ADDRESS = { host: '127.0.0.1', port: 9, text: '127.0.0.1:9' }
/** It takes some milliseconds; what has not come by then will not. */
const DEADLINE_MS = 10_000
/** A connection asks for its stream by a timer that is over at once. */
const DIALLED_MS = 5

/** Ids of the session. */
const [METADATA, FILE] = [1, 2]

const zeros = Buffer.alloc(PIECE_BYTES)

/** The info dictionary of a private torrent (BEP 27) of one file. */
function infoOfZeros(): Buffer {
  const hash = createHash('sha1').update(zeros).digest()
  const hashes = Buffer.concat(Array<Buffer>(PIECES).fill(hash))
  const front = `d6:lengthi${SIZE}e4:name9:rehearsal12:piece lengthi${PIECE_BYTES}e6:pieces`
  const ends = [Buffer.from(`${front}${hashes.length}:`), Buffer.from('7:privatei1ee')] as const
  return Buffer.concat([ends[0], hashes, ends[1]])
}

/** Of who has everything, and only gives. */
const giving: SwarmEvents = {
  ...{ metadata: () => undefined, ready() {}, peer() {}, peerChanged() {}, peerGone() {} },
  ...{ block() {}, blockBegins: () => undefined, blockEnds() {}, blockAborted() {} },
  ...{ refused() {}, failed() {} },
  read: async (_piece, offset, length) => zeros.subarray(offset, offset + length),
}

/** Two peers in this process, over a pair of streams. */
class SwarmOfTwo {
  readonly info = infoOfZeros()
  readonly infoHash = createHash('sha1').update(this.info).digest('hex')
  readonly #sides = duplexPair()
  readonly #limit = new RateLimit(-1)
  readonly #giver: TcpTorrent
  #wires: readonly PeerWire[] = []

  constructor() {
    this.#giver = this.#peer('-PL0100-giving', this.#sides[0], giving, () => {})
    this.#giver.metadataKnown(this.info, PIECES, [])
    for (let piece = 0; piece < PIECES; piece++) this.#giver.verified(piece)
  }

  /** The swarm of who takes, who does not know yet what is in the torrent. */
  join(events: SwarmEvents): Swarm {
    const taker = this.#peer('-PL0100-taking', this.#sides[1], events, (metainfo) => {
      events.metadata(metainfo)
      taker.metadataKnown(this.info, PIECES, this.#wires.slice(1))
      events.ready()
    })
    this.#wires = [this.#giver, taker].map((torrent) => new PeerWire(ADDRESS, torrent, 'utp'))
    setTimeout(() => this.#connected(), DIALLED_MS)
    return {
      ...{ peers: 1, uploaded: 0, learn() {}, reconnect() {}, announce() {} },
      verified: (piece) => taker.verified(piece),
      unverified: (piece) => taker.unverified(piece),
      close: async () => this.#close(taker),
    }
  }

  #peer(
    name: string,
    side: Duplex,
    events: SwarmEvents,
    metadataReceived: (metainfo: Uint8Array) => void,
  ): TcpTorrent {
    const about = { infoHash: this.infoHash, limit: this.#limit, events, port: 0, pex: false }
    const unused = { peersFound() {}, nodeFound() {}, dhtPort: () => undefined }
    const peerId = Buffer.from(name.padEnd(20, '-'))
    const utp = { connect: () => side }
    const deps = { ...about, ...unused, peerId, utp, metadataReceived }
    return new TcpTorrent(deps, () => {})
  }

  /** Both hear of the connection before one hears of the other. */
  #connected(): void {
    for (const side of this.#sides) side.cork()
    for (const side of this.#sides) side.emit('connect')
    for (const side of this.#sides) side.uncork()
  }

  #close(taker: TcpTorrent): void {
    for (const wire of this.#wires) wire.close()
    for (const torrent of [this.#giver, taker]) torrent.close()
    this.#limit.close()
  }
}

/**
 * Downloads a film of zeros from itself: code that runs for the first time takes three times as long, and the first
 * viewer of a process would wait for it. No socket is opened, and its file is gone from disk once it is open.
 */
export async function rehearseDownload(options: EngineOptions, parent = tmpdir()): Promise<void> {
  const swarm = new SwarmOfTwo()
  const folder = await mkdtemp(join(parent, 'playlink-rehearsal-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  // As the main process makes it.
  await writeFile(join(folder, '0'), '')
  const whole = Promise.withResolvers<void>()
  const deadline = setTimeout(() => whole.reject(new Error('it takes too long')), DEADLINE_MS)
  const place: SerializedPlace = {
    ...{ folder, fileIdx: 0, have: new Uint8Array(1), trusted: true, fill: 'whole', room: SIZE },
    layout: { pieceLength: PIECE_BYTES, torrentLength: SIZE, offset: 0, size: SIZE },
  }
  const send = (message: FromEngine): void => {
    if (message.t === 'metadata') session.open(FILE, place)
    else if (message.t === 'opened') {
      // Tried again at the end.
      remove().catch(() => {})
      session.setReaders(FILE, [{ at: 0, end: SIZE - 1 }])
    } else if (message.t === 'failed') whole.reject(new Error(message.why))
    else if (message.t === 'verified' && message.pieces.includes(PIECES - 1)) whole.resolve()
  }
  const client = {
    ...{ peers: 0, torrents: 1, addTrackers() {}, setExternalPort() {}, close: async () => {} },
    join: (_spec: unknown, events: SwarmEvents) => swarm.join(events),
  }
  const spec = { infoHash: swarm.infoHash, trackers: [], webSeeds: [] }
  const budget = new PieceBudget(SIZE)
  const session = new TorrentSession(spec, { client, options, budget, send })
  try {
    session.fetchMetadata(METADATA)
    await whole.promise
  } finally {
    clearTimeout(deadline)
    for (const id of [METADATA, FILE]) await session.end(id)
    await session.close()
    await remove()
  }
}
