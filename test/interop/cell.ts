import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { begin } from '../support/server/request.ts'
import type { Stage } from '../support/server/stage.ts'
import { sha256 } from '../support/swarm/payload.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'
import { eventually } from '../support/wait.ts'
import { freePort } from '../torrent/engines.ts'
import type { Client, Order, RunningClient } from './clients/client.ts'
import { fetchByLibtorrent } from './clients/libtorrent.ts'
import type { UploadingEngine } from './uploading-engine.ts'

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

/** Nobody is there. rTorrent loads no torrent without a tracker. */
const NO_TRACKER = 'http://127.0.0.1:9/announce'

export interface CellPlan {
  readonly stage: Stage<string>
  readonly engine: UploadingEngine
  readonly client: Client
  readonly film: BuiltTorrent
  /** Of the film, at the stage's server. */
  readonly url: string
  /** Where the server listens for peers. */
  readonly ourPort: number
  /** Where a client listens that is reached by IPv6: the film's magnet names it. */
  readonly portOfSix: number
}

/** One client in one situation: starts it, plays from it, and ends all that was started. */
export class Cell {
  readonly stage: Stage<string>
  readonly client: Client
  readonly film: BuiltTorrent
  readonly url: string
  readonly ourPeer: string
  readonly #engine: UploadingEngine
  readonly #portOfSix: number
  readonly #folder: string
  readonly #closers: (() => Promise<unknown>)[] = []
  #clients = 0

  constructor({ stage, engine, client, film, url, ourPort, portOfSix }: CellPlan) {
    this.stage = stage
    this.#engine = engine
    this.client = client
    this.film = film
    this.url = url
    this.ourPeer = `127.0.0.1:${ourPort}`
    this.#portOfSix = portOfSix
    this.#folder = join(stage.folder, 'clients', film.infoHash)
    this.tell([])
  }

  /** What the tracker answers from now on; the stage's own seeder is none of them unless named. */
  tell(peers: readonly string[]): void {
    this.stage.tracker.peers(this.film.infoHash, peers)
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
  async start(part: Part, how: Partial<Order> = {}, knowsTracker = false): Promise<Started> {
    const order = await this.#order(part, how, knowsTracker)
    let running = await this.client.start(order)
    this.own(() => running.stop())
    const share = { all: 1, 'first half': 0.4, 'second half': 0.4, nothing: 0 }[part]
    const isReady = async (): Promise<boolean> => ((await running.progress()) ?? -1) >= share
    await eventually(`${part} at ${this.client.name}`, isReady, 30_000, () => running.log())
    return {
      order,
      peer: order.host === '::1' ? `[::1]:${order.port}` : `${order.host}:${order.port}`,
      progress: () => running.progress(),
      log: () => running.log(),
      stop: () => running.stop(),
      restart: async () => {
        await running.stop()
        running = await this.client.start(order)
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
    const announce = knowsTracker ? this.stage.trackerUrl : NO_TRACKER
    await writeFile(torrent, this.film.torrent({ announce }))
    return {
      home,
      films,
      torrent,
      infoHash,
      host: '127.0.0.1',
      rpcHost: '127.0.0.1',
      inside: [],
      port: how.host === '::1' ? this.#portOfSix : await freePort(),
      isEncrypted: false,
      isSuperSeeding: false,
      uploadKb: 0,
      ...how,
    }
  }

  /**
   * Plays the film from its first byte to its last.
   * @param meanwhile is done when the first bytes have come
   * @throws Error when it is not played, or other bytes come
   */
  async play(
    meanwhile: () => Promise<unknown> = async () => {},
  ): Promise<{ firstByteMs: number; wholeMs: number }> {
    const since = stopwatch()
    const stream = await begin(this.url, { timeout: 90_000 })
    const first = await stream.read(1)
    const firstByteMs = since()
    if (stream.status !== 200) throw new Error(`answered with ${stream.status}`)
    await meanwhile()
    const { body, complete } = await stream.rest()
    if (!complete) throw new Error(`ended after ${first.length + body.length} bytes`)
    this.expectFilm(Buffer.concat([first, body]))
    return { firstByteMs, wholeMs: since() }
  }

  /** Plays it, and has libtorrent fetch it from the same peers right after. */
  async compare(peers: readonly string[]): Promise<Outcome> {
    const { firstByteMs, wholeMs } = await this.play()
    const others = await fetchByLibtorrent(await this.folder(), this.film.magnet(), peers)
    return { firstByteMs, ...(others === undefined ? {} : { ofLibtorrent: others / wholeMs }) }
  }

  /** Fetches the film from who the tracker names, and has it for others; answers our address. */
  async keepOpen(): Promise<string> {
    const { trackerUrl } = this.stage
    const { file, bytes } = await this.#engine.fetch(this.film, trackerUrl, await this.folder())
    this.own(() => file.close())
    this.expectFilm(bytes)
    return this.#engine.peer
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
