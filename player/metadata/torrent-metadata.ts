import { LRUCache } from 'lru-cache'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import type { FaultCode } from '../../common/errors.ts'
import type { Job } from '../jobs/shared-job.ts'
import { SharedJobs } from '../jobs/shared-jobs.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { RunningLookUp } from './running-look-up.ts'
import { type TorrentLocator, TorrentLookup, type TorrentLookupDeps } from './torrent-lookup.ts'

const MEMORY_BYTES = 32 * 1024 * 1024
/** About what the path, size and offset of a file take in memory. */
const BYTES_PER_FILE = 300

/** Look-ups that are about to begin, and sources of each. */
const MAX_NAMED = 20

const sizeInMemory = ({ infoBytes, pieces, files }: Metainfo): number =>
  infoBytes.length + pieces.length + files.length * BYTES_PER_FILE

/** What is in a torrent. One look-up serves all who ask at the same time. */
export class TorrentMetadata {
  readonly #lookup: TorrentLookup
  readonly #jobs: SharedJobs<Metainfo>
  /** By the name of their job. */
  readonly #running = new Map<string, RunningLookUp>()
  /** Sources named before the look-up that they wait for has begun. */
  readonly #named = new LRUCache<string, readonly TorrentLocator[]>({ max: MAX_NAMED })
  readonly #memory = new LRUCache<string, Metainfo>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: sizeInMemory,
  })

  constructor(deps: TorrentLookupDeps & { readonly lingerMs: number }) {
    this.#lookup = new TorrentLookup(deps)
    this.#jobs = new SharedJobs(deps)
  }

  /**
   * The torrent behind a locator: from memory, its folder, its .torrent, else from peers.
   * @param infoHash as remembered, for a locator that does not name it
   * @throws Fault TOO_MANY_REQUESTS, NO_PEERS, TOO_MANY_ARRIVALS, HOSTILE_TORRENT, BAD_TORRENT, UNSUPPORTED_TORRENT,
   * FILE_MISSING, OUTBOUND_REFUSED, UPSTREAM_FAILED, ENGINE_DIED
   */
  async find(
    locator: TorrentLocator,
    infoHash: string | undefined,
    viewer: Viewer,
  ): Promise<Metainfo> {
    const name = nameOf(locator, infoHash)
    // A link may lead to a magnet: from then on it is peers that do not answer.
    const late = (): FaultCode =>
      locator.kind === 'magnet' || this.#running.get(name)?.asksPeers
        ? 'NO_PEERS'
        : 'UPSTREAM_FAILED'
    const cached = this.#memory.get(name)
    if (cached) return cached
    if (!this.#jobs.isRunning(name)) await viewer.startCold()
    const share = this.#jobs.join(name, this.#work(locator, infoHash), viewer.address)
    this.#tell(name, locator)
    try {
      return await viewer.wait(share.result, () => (share.queued ? 'TOO_MANY_ARRIVALS' : late()))
    } finally {
      share.leave()
    }
  }

  /** From memory only: what a look-up has found of that torrent. */
  peek(locator: TorrentLocator): Metainfo | undefined {
    return this.#memory.get(nameOf(locator, undefined))
  }

  /** From memory or its folder; nobody is asked. Never rejects. */
  async known(infoHash: string): Promise<Metainfo | undefined> {
    const metainfo = this.#memory.get(infoHash) ?? (await this.#lookup.fromFolder(infoHash))
    if (metainfo) this.#memory.set(infoHash, metainfo)
    return metainfo
  }

  /**
   * As find, for a play that may come: with a permit that is free, given up when somebody else
   * wants it. Undefined when a look-up of that torrent runs already.
   * @throws what ended the look-up; Fault TOO_MANY_ARRIVALS when no permit is free
   */
  async fetchAhead(
    locator: TorrentLocator,
    infoHash: string | undefined,
    signal: AbortSignal,
  ): Promise<Metainfo | undefined> {
    const name = nameOf(locator, infoHash)
    const cached = this.#memory.get(name)
    if (cached) return cached
    const job = this.#jobs.startSpeculative(name, this.#work(locator, infoHash))
    if (!job) return undefined
    // A viewer who has joined meanwhile keeps it running.
    const stop = (): void => void (job.speculative && job.end(signal.reason))
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      return await job.result
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Whether that torrent is being looked up now. */
  isAsking(locator: TorrentLocator, infoHash: string | undefined): boolean {
    return this.#jobs.isRunning(nameOf(locator, infoHash))
  }

  close(reason: unknown): Promise<void> {
    return this.#jobs.close(reason)
  }

  /** Another source names a torrent that is being downloaded: its trackers and web seeds help. */
  learn(locator: TorrentLocator): void {
    if (locator.kind === 'magnet') this.#lookup.learn(locator)
    else void this.#lookup.learnFrom(locator)
  }

  /** A look-up that runs for another source has what this one knows at once. */
  #tell(name: string, locator: TorrentLocator): void {
    const running = this.#running.get(name)
    if (running && !running.ended) running.add(locator)
    else this.#named.set(name, [...(this.#named.get(name) ?? []), locator].slice(-MAX_NAMED))
  }

  #work(locator: TorrentLocator, rememberedHash: string | undefined) {
    const infoHash = locator.infoHash ?? rememberedHash
    const name = nameOf(locator, infoHash)
    return async (job: Job<Metainfo>): Promise<void> => {
      const running = new RunningLookUp(this.#lookup, job)
      this.#running.set(name, running)
      job.defer('look-up', () => void this.#running.delete(name))
      const stored = infoHash === undefined ? undefined : await this.#lookup.fromFolder(infoHash)
      if (stored) running.found(stored)
      else for (const one of [locator, ...(this.#named.get(name) ?? [])]) running.add(one)
      this.#named.delete(name)
      const metainfo = await running.result
      this.#memory.set(name, metainfo)
      // A .torrent whose hash nobody knew may be what a magnet's viewers wait for.
      this.#running.get(metainfo.infoHash)?.found(metainfo)
      job.resolve(metainfo)
    }
  }
}

/** The name of a look-up: the info hash, or the address of a .torrent whose hash nobody knows yet. */
const nameOf = (locator: TorrentLocator, rememberedHash: string | undefined): string =>
  locator.infoHash ?? rememberedHash ?? (locator.kind === 'torrent' ? locator.from : '')
