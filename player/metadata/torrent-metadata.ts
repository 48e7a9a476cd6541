import { LRUCache } from 'lru-cache'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import type { FaultCode } from '../../common/errors.ts'
import type { Job } from '../jobs/shared-job.ts'
import { SharedJobs } from '../jobs/shared-jobs.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { type TorrentLocator, TorrentLookup, type TorrentLookupDeps } from './torrent-lookup.ts'

const MEMORY_BYTES = 32 * 1024 * 1024
/** About what the path, size and offset of a file take in memory. */
const BYTES_PER_FILE = 300

const sizeInMemory = ({ infoBytes, pieces, files }: Metainfo): number =>
  infoBytes.length + pieces.length + files.length * BYTES_PER_FILE

/** What is in a torrent. One look-up serves all who ask at the same time. */
export class TorrentMetadata {
  readonly #lookup: TorrentLookup
  readonly #jobs: SharedJobs<Metainfo>
  /** Names of the look-ups that ask peers now. */
  readonly #asksPeers = new Set<string>()
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
      locator.kind === 'magnet' || this.#asksPeers.has(name) ? 'NO_PEERS' : 'UPSTREAM_FAILED'
    const cached = this.#memory.get(name)
    if (cached) return cached
    if (!this.#jobs.isRunning(name)) await viewer.startCold()
    const share = this.#jobs.join(name, this.#work(locator, infoHash), viewer.address)
    try {
      return await viewer.wait(share.result, () => (share.queued ? 'TOO_MANY_ARRIVALS' : late()))
    } finally {
      share.leave()
    }
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

  #work(locator: TorrentLocator, rememberedHash: string | undefined) {
    const infoHash = locator.infoHash ?? rememberedHash
    return async (job: Job<Metainfo>): Promise<void> => {
      const stored = infoHash === undefined ? undefined : await this.#lookup.fromFolder(infoHash)
      const name = nameOf(locator, infoHash)
      const askingPeers = (): void => void this.#asksPeers.add(name)
      try {
        const metainfo = stored ?? (await this.#lookup.fromLocator(locator, job, askingPeers))
        this.#memory.set(name, metainfo)
        job.resolve(metainfo)
      } finally {
        this.#asksPeers.delete(name)
      }
    }
  }
}

/** The name of a look-up: the info hash, or the address of a .torrent whose hash nobody knows yet. */
const nameOf = (locator: TorrentLocator, rememberedHash: string | undefined): string =>
  locator.infoHash ?? rememberedHash ?? (locator.kind === 'torrent' ? locator.from : '')
