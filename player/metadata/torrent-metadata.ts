import { LRUCache } from 'lru-cache'
import type { FileStore } from '../../cache/disk/file-store.ts'
import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import { asFault, Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Locator } from '../../sources/source.ts'
import type { TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import { refuseBlocked } from '../files/blocked.ts'
import { readSmallFile } from '../files/read-file.ts'
import type { Permits } from '../jobs/permits.ts'
import type { Job } from '../jobs/shared-job.ts'
import { createSharedJobs } from '../jobs/shared-jobs.ts'
import type { Viewer } from '../jobs/viewer.ts'

export type TorrentLocator = Extract<Locator, { kind: 'magnet' | 'torrent' }>
/** Our gate for .torrent bytes, whoever they come from. @throws ValidationError */
export type MetainfoValidator = (bytes: Uint8Array) => Metainfo

export interface TorrentMetadata {
  /**
   * The torrent behind a locator: from memory, its folder, its .torrent, else from peers; one look-up
   * for all who ask. `infoHash`: as remembered, where the locator does not say it.
   * @throws Fault NO_PEERS, TOO_MANY_ARRIVALS, HOSTILE_TORRENT, BAD_TORRENT, FILE_MISSING,
   * OUTBOUND_REFUSED, UPSTREAM_FAILED, ENGINE_DIED
   */
  find(locator: TorrentLocator, infoHash: string | undefined, viewer: Viewer): Promise<Metainfo>
  /** From memory or its folder; nobody is asked. Never rejects. */
  known(infoHash: string): Promise<Metainfo | undefined>
  /**
   * The same for nobody who waits: with a turn that is free, given up when another wants it.
   * Undefined when a look-up runs already. @throws whatever ended it, TOO_MANY_ARRIVALS without a turn
   */
  fetchAhead(
    locator: TorrentLocator,
    infoHash: string | undefined,
    signal: AbortSignal,
  ): Promise<Metainfo | undefined>
  /** Whether that torrent is being looked up now. */
  isAsking(locator: TorrentLocator, infoHash: string | undefined): boolean
  close(reason: unknown): Promise<void>
}

const MAX_TORRENT_BYTES = 2 * 1024 * 1024
const FETCH_TIMEOUT_MS = 15_000
const MEMORY_BYTES = 32 * 1024 * 1024
/** About what a path, a size and an offset take. */
const BYTES_PER_FILE = 300

export function createTorrentMetadata(deps: {
  blocklist: Blocklist
  store: FileStore
  engine: TorrentEngine
  outbound: Outbound
  gate: MetainfoValidator
  permits: Permits
  lingerMs: number
  log: Log
}): TorrentMetadata {
  const { blocklist, permits, log } = deps
  const jobs = createSharedJobs<Metainfo>({ lingerMs: deps.lingerMs, log })
  const memory = new LRUCache<string, Metainfo>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: (m) => m.infoBytes.length + m.pieces.length + m.files.length * BYTES_PER_FILE,
  })

  /** The bytes through the gate; `from` decides what a refusal is called. */
  function admit(bytes: Uint8Array, infoHash: string | undefined, from: 'peers' | 'file') {
    try {
      const metainfo = deps.gate(bytes)
      if (infoHash === undefined || metainfo.infoHash === infoHash) return metainfo
      throw new ValidationError('The torrent is not the one its source names.')
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      log.info({ infoHash, reason: error.message }, 'torrent refused')
      throw asFault(error, from === 'peers' ? 'HOSTILE_TORRENT' : 'BAD_TORRENT')
    }
  }

  async function kept(infoHash: string): Promise<Metainfo | undefined> {
    try {
      const bytes = await deps.store.readMetainfo(infoHash)
      return bytes && admit(bytes, infoHash, 'file')
    } catch (error) {
      log.warn({ err: error, infoHash }, 'kept metainfo is not usable; asking again')
      return undefined
    }
  }

  /** The bytes of the .torrent, or the magnet that an indexer's link leads to. */
  async function fetched(url: string, signal: AbortSignal): Promise<Uint8Array | Magnet> {
    const limits = { signal, timeoutMs: FETCH_TIMEOUT_MS, maxBytes: MAX_TORRENT_BYTES }
    const answer = await deps.outbound.get(url, limits)
    const { location = '' } = answer.headers
    if (/^magnet:/i.test(location)) return magnetBehind(location)
    if (answer.status !== 200) throw new Fault('UPSTREAM_FAILED')
    return answer.body
  }

  async function asked(locator: TorrentLocator, job: Job<Metainfo>): Promise<Metainfo> {
    if (locator.kind === 'magnet') return fromPeers(locator, job)
    const found = isUrl(locator.from)
      ? await fetched(locator.from, job.signal)
      : await readSmallFile(locator.from, MAX_TORRENT_BYTES, 'BAD_TORRENT')
    if (found instanceof Uint8Array) return admit(found, locator.infoHash, 'file')
    if (locator.infoHash !== undefined && locator.infoHash !== found.infoHash) {
      throw new Fault('BAD_TORRENT')
    }
    return (await kept(found.infoHash)) ?? fromPeers(found, job)
  }

  async function fromPeers(magnet: Omit<Magnet, 'name'>, job: Job<Metainfo>): Promise<Metainfo> {
    await job.acquirePermit(permits)
    const { infoHash } = magnet
    const may = (url: string): boolean => !isBlockedHost(blocklist, url)
    const trackers = magnet.trackers.filter(may)
    const webSeeds = magnet.webSeeds.filter(may)
    refuseBlocked(blocklist, infoHash)
    const description = await deps.engine.fetchMetadata(
      { infoHash, trackers, webSeeds },
      job.signal,
    )
    return admit(description.metainfo, infoHash, 'peers')
  }

  const lookUp = (locator: TorrentLocator, infoHash: string | undefined) => {
    return async (job: Job<Metainfo>): Promise<void> => {
      const here = infoHash === undefined ? undefined : await kept(infoHash)
      const metainfo = here ?? (await asked(locator, job))
      memory.set(nameOf(locator, infoHash), metainfo)
      job.ready(metainfo)
    }
  }

  return {
    async find(locator, rememberedHash, viewer) {
      const infoHash = locator.infoHash ?? rememberedHash
      const name = nameOf(locator, infoHash)
      const late = locator.kind === 'magnet' ? 'NO_PEERS' : 'UPSTREAM_FAILED'
      const inMemory = memory.get(name)
      if (inMemory) return inMemory
      const share = jobs.join(name, lookUp(locator, infoHash))
      try {
        return await viewer.wait(share.ready, () => (share.queued ? 'TOO_MANY_ARRIVALS' : late))
      } finally {
        share.leave()
      }
    },
    async known(infoHash) {
      const metainfo = memory.get(infoHash) ?? (await kept(infoHash))
      if (metainfo) memory.set(infoHash, metainfo)
      return metainfo
    },
    async fetchAhead(locator, rememberedHash, signal) {
      const infoHash = locator.infoHash ?? rememberedHash
      const name = nameOf(locator, infoHash)
      const inMemory = memory.get(name)
      if (inMemory) return inMemory
      const job = jobs.startSpeculative(name, lookUp(locator, infoHash))
      if (!job) return undefined
      // A viewer who has joined meanwhile keeps it.
      const stop = (): void => void (job.speculative && job.end(signal.reason))
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      try {
        return await job.ready
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    isAsking: (locator, hash) => jobs.isRunning(nameOf(locator, locator.infoHash ?? hash)),
    close: (reason) => jobs.close(reason),
  }
}

/** What one look-up is called: a .torrent whose hash nobody knows yet goes by its address. */
const nameOf = (locator: TorrentLocator, infoHash: string | undefined): string =>
  infoHash ?? (locator.kind === 'torrent' ? locator.from : '')

/** @throws Fault BAD_TORRENT */
function magnetBehind(location: string): Magnet {
  try {
    return parseMagnet(location)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw asFault(error, 'BAD_TORRENT')
  }
}

const isUrl = (from: string): boolean => /^https?:\/\//i.test(from)
