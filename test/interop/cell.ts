import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TorrentSpec } from '../../torrent/protocol/torrent-engine.ts'
import { freePort } from '../support/free-port.ts'
import { sha256 } from '../support/swarm/payload.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'
import { eventually, within } from '../support/wait.ts'
import { drain } from '../torrent/engines.ts'
import type { Client, Order, RunningClient } from './clients/client.ts'
import { fetchByLibtorrent } from './clients/libtorrent.ts'
import type { Lab } from './lab.ts'

/** What a cell found out; figures only where they say something. */
export interface Outcome {
  readonly firstByteMs?: number
  /** How many times as fast as libtorrent the film came from the same client, right after. */
  readonly ofLibtorrent?: number
}

type Part = 'all' | 'first half' | 'second half' | 'nothing'

/** One client of a cell. */
interface Started extends RunningClient {
  readonly order: Order
  /** `ip:port` */
  readonly peer: string
  /** Ends it and starts it again with what it has, at the same port. */
  restart(): Promise<void>
}

const PLAY_MS = 90_000
/** Nobody is there. rTorrent loads no torrent without a tracker. */
const NO_TRACKER = 'http://127.0.0.1:9/announce'

/** One client in one situation: starts it, plays from it, and ends all that was started. */
export class Cell {
  readonly lab: Lab
  readonly client: Client
  readonly film: BuiltTorrent
  readonly #folder: string
  readonly #closers: (() => Promise<unknown>)[] = []
  #clients = 0
  /** Peers that the magnet names: trackers of these tests tell addresses of IPv4 only. */
  #named: readonly string[] = []

  constructor(lab: Lab, client: Client, film: BuiltTorrent) {
    this.lab = lab
    this.client = client
    this.film = film
    this.#folder = join(lab.folder, film.infoHash)
    this.tell([])
  }

  /** What the tracker and the magnet say from now on. */
  tell(peers: readonly string[]): void {
    this.#named = peers.filter((peer) => peer.startsWith('['))
    const others = peers.filter((peer) => !peer.startsWith('['))
    this.lab.tracker.peers(this.film.infoHash, others)
  }

  own(close: () => Promise<unknown>): void {
    this.#closers.push(close)
  }

  async folder(): Promise<string> {
    const folder = join(this.#folder, String(++this.#clients))
    await mkdir(folder, { recursive: true })
    return folder
  }

  /**
   * Starts the client with a part of the film, and waits until it has looked at that.
   * @param knowsTracker whether its .torrent names the stage's tracker; else it knows nobody
   */
  async start(
    part: Part,
    how: Partial<Order> = {},
    knowsTracker = false,
    client = this.client,
  ): Promise<Started> {
    const order = await this.#order(part, how, knowsTracker)
    let running = await client.start(order)
    this.own(() => running.stop())
    const share = { all: 1, 'first half': 0.4, 'second half': 0.4, nothing: 0 }[part]
    const isReady = async (): Promise<boolean> => ((await running.progress()) ?? -1) >= share
    await eventually(`${part} at ${client.name}`, isReady, 60_000, () => running.log())
    return {
      order,
      peer: order.host === '::1' ? `[::1]:${order.port}` : `${order.host}:${order.port}`,
      progress: () => running.progress(),
      log: () => running.log(),
      stop: () => running.stop(),
      restart: async () => {
        await running.stop()
        running = await client.start(order)
      },
    }
  }

  async #order(part: Part, how: Partial<Order>, knowsTracker: boolean): Promise<Order> {
    const { infoHash, name, content } = this.film
    const home = await this.folder()
    const films = await this.folder()
    const half = Math.ceil(content.length / 2)
    if (part !== 'nothing') {
      const bytes = Buffer.from(content)
      if (part === 'first half') bytes.fill(0, half)
      if (part === 'second half') bytes.fill(0, 0, half)
      await writeFile(join(films, name), bytes)
    }
    const torrent = join(home, 'film.torrent')
    const announce = knowsTracker ? this.lab.tracker.url : NO_TRACKER
    await writeFile(torrent, this.film.torrent({ announce }))
    return {
      home,
      films,
      torrent,
      infoHash,
      host: '127.0.0.1',
      rpcHost: '127.0.0.1',
      inside: [],
      port: await freePort(),
      isEncrypted: false,
      isSuperSeeding: false,
      uploadKb: 0,
      ...how,
    }
  }

  get #spec(): TorrentSpec {
    const { infoHash } = this.film
    return { infoHash, trackers: [this.lab.tracker.url], webSeeds: [], peers: this.#named }
  }

  /**
   * Plays the film from its first byte to its last, by its magnet.
   * @param meanwhile is done when the first bytes have come
   * @throws Error when it is not played, or other bytes come
   */
  async play(
    meanwhile: () => Promise<unknown> = async () => {},
  ): Promise<{ firstByteMs: number; wholeMs: number }> {
    const since = stopwatch()
    const { engine } = this.lab
    const metainfo = await engine.fetchMetadata(this.#spec)
    const file = await engine.open(this.film, { ...this.#spec, metainfo }, await this.folder())
    try {
      const reader = file.reader({ start: 0, end: this.film.content.length - 1 })
      const first = Buffer.alloc(1)
      await within('the first byte', PLAY_MS, reader.read(first))
      const firstByteMs = since()
      await meanwhile()
      const rest = await within('the whole film', PLAY_MS, drain(reader))
      this.expectFilm(Buffer.concat([first, rest]))
      return { firstByteMs, wholeMs: since() }
    } finally {
      // Many clients take one connection of an address, and others come from the same one.
      await file.close()
    }
  }

  /** Plays it, and has libtorrent fetch it from the same peers right after. */
  async compare(peers: readonly string[]): Promise<Outcome> {
    const { firstByteMs, wholeMs } = await this.play()
    const others = await fetchByLibtorrent(await this.folder(), this.film.magnet(), peers)
    return { firstByteMs, ...(others === undefined ? {} : { ofLibtorrent: others / wholeMs }) }
  }

  /** Fetches the film from who the tracker names, and has it for others from then on. */
  async keepOpen(): Promise<void> {
    const spec = { ...this.#spec, metainfo: this.film.torrent() }
    const file = await this.lab.engine.open(this.film, spec, await this.folder())
    this.own(() => file.close())
    const reader = file.reader({ start: 0, end: this.film.content.length - 1 })
    this.expectFilm(await within('the film', PLAY_MS, drain(reader)))
  }

  /** Waits until a client has fetched all of the film. @throws Error when its bytes are others */
  async fetched(leecher: Started): Promise<Outcome> {
    const isDone = async () => (await leecher.progress()) === 1
    await eventually('the whole film', isDone, 40_000, () => leecher.log())
    const file = join(leecher.order.films, this.film.name)
    // Some write what they have verified a moment later.
    const isThere = async () => sha256(await readFile(file)) === sha256(this.film.content)
    await eventually('the film on its disk', isThere)
    return {}
  }

  expectFilm(bytes: Buffer): void {
    if (sha256(bytes) !== sha256(this.film.content)) throw new Error('other bytes')
  }

  /** Ends everything, last first, whatever fails meanwhile. */
  async end(): Promise<void> {
    const failed: unknown[] = []
    for (const close of this.#closers.splice(0).reverse()) {
      await close().catch((error: unknown) => failed.push(error))
    }
    this.tell([])
    if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('\n'))
  }
}

function stopwatch(): () => number {
  const began = performance.now()
  return () => performance.now() - began
}
