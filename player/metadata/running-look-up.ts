import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import { mergedSpec } from '../../torrent/protocol/merged-spec.ts'
import type { TorrentSpec } from '../../torrent/protocol/torrent-engine.ts'
import type { Job } from '../jobs/shared-job.ts'
import type { TorrentLocator, TorrentLookup } from './torrent-lookup.ts'

/** Of one torrent at a time; further ones hardly know more. */
const MAX_SOURCES = 20

/**
 * A look-up of what is in one torrent, by all the sources that name it: peers by the trackers of all
 * magnets together, and each .torrent. The first that has it is enough. So a title whose magnet is
 * alive also helps who waits for the same torrent by one that is dead.
 */
export class RunningLookUp {
  readonly #lookup: TorrentLookup
  readonly #job: Job<Metainfo>
  readonly #known = new Set<string>()
  readonly #result = Promise.withResolvers<Metainfo>()
  /** Ways that have not failed yet. */
  #ways = 0
  /** All magnets together, as soon as there is one. */
  #magnet: TorrentSpec | undefined

  constructor(lookup: TorrentLookup, job: Job<Metainfo>) {
    this.#lookup = lookup
    this.#job = job
    this.#result.promise.catch(() => {}) // told to who waits
  }

  /** Rejects with the last failure when no way is left. */
  get result(): Promise<Metainfo> {
    return this.#result.promise
  }

  get ended(): boolean {
    return this.#job.signal.aborted
  }

  /** From then on it is peers that do not answer. */
  get asksPeers(): boolean {
    return this.#magnet !== undefined
  }

  /** One more source of this torrent. */
  add(locator: TorrentLocator): void {
    const text = JSON.stringify(locator)
    if (this.#known.has(text) || this.#known.size >= MAX_SOURCES) return
    this.#known.add(text)
    if (locator.kind === 'magnet') this.#addMagnet(locator)
    else this.#try(this.#read(locator))
  }

  /** It is known from elsewhere. */
  found(metainfo: Metainfo): void {
    this.#result.resolve(metainfo)
  }

  #addMagnet(magnet: TorrentSpec): void {
    const before = this.#magnet
    this.#magnet = before ? mergedSpec(before, magnet) : magnet
    if (before) this.#lookup.learn(magnet)
    else this.#try(this.#lookup.fromPeers(() => this.#magnet ?? magnet, this.#job))
  }

  /** An indexer's link may lead to a magnet instead of a .torrent. */
  async #read(locator: TorrentLocator & { kind: 'torrent' }): Promise<Metainfo | undefined> {
    const found = await this.#lookup.fromTorrent(locator, this.#job.signal)
    if ('metainfo' in found) return found.metainfo
    this.#addMagnet(found.magnet)
    return undefined
  }

  #try(way: Promise<Metainfo | undefined>): void {
    this.#ways++
    way.then(
      (found) => {
        this.#ways--
        if (found) this.#result.resolve(found)
      },
      (error) => {
        if (--this.#ways === 0) this.#result.reject(error)
      },
    )
  }
}
