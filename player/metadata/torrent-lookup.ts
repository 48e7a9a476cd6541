import type { FileStore } from '../../cache/disk/file-store.ts'
import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { MAX_METAINFO_BYTES, type Metainfo } from '../../common/bittorrent/metainfo.ts'
import {
  UnsupportedTorrentError,
  ValidationError,
} from '../../common/bittorrent/validation-error.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { asFault, Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { decoded, isGzip } from '../../common/network/content-coding.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Permits } from '../../common/permits/permits.ts'
import type { Locator } from '../../sources/source.ts'
import type { TorrentEngine, TorrentSpec } from '../../torrent/protocol/torrent-engine.ts'
import { allowedTorrent } from '../files/blocked.ts'
import { readSmallFile } from '../files/read-file.ts'
import { holdTorrent, type SharedTorrents } from '../jobs/hold-torrent.ts'
import type { Job } from '../jobs/shared-job.ts'

export type TorrentLocator = Extract<Locator, { kind: 'magnet' | 'torrent' }>
/** What a .torrent was found to be. */
export type TorrentFound = { readonly metainfo: Metainfo } | { readonly magnet: TorrentSpec }
/**
 * Checks and parses the bytes of a .torrent, whoever they come from.
 * @param infoHash by which it is known, where it has several (BEP 52)
 * @throws ValidationError
 */
export type MetainfoValidator = (bytes: Uint8Array, infoHash?: string) => Promise<Metainfo>

export interface TorrentLookupDeps extends SharedTorrents {
  readonly blocklist: Blocklist
  readonly store: Pick<FileStore, 'readMetainfo'>
  readonly engine: Pick<TorrentEngine, 'fetchMetadata' | 'learn'>
  readonly outbound: Outbound
  readonly validateMetainfo: MetainfoValidator
  /** For asking peers. */
  readonly permits: Permits
  readonly log: Log
}

const FETCH_TIMEOUT_MS = 15_000

/** Finds out what is in a torrent: from its folder on disk, its .torrent file, or peers (BEP 9). */
export class TorrentLookup {
  readonly #deps: TorrentLookupDeps

  constructor(deps: TorrentLookupDeps) {
    this.#deps = deps
  }

  /** From the torrent's folder on disk; undefined when it is not there or not usable. */
  async fromFolder(infoHash: string): Promise<Metainfo | undefined> {
    try {
      const bytes = await this.#deps.store.readMetainfo(infoHash)
      return bytes && (await this.#validated(bytes, infoHash, 'BAD_TORRENT'))
    } catch (error) {
      this.#deps.log.warn({ err: error, infoHash }, 'kept metainfo is not usable; asking again')
      return undefined
    }
  }

  /**
   * From a .torrent; a magnet where its address leads to one.
   * @throws Fault as TorrentMetadata.find
   */
  async fromTorrent(
    { from, infoHash }: TorrentLocator & { kind: 'torrent' },
    signal: AbortSignal,
  ): Promise<TorrentFound> {
    const found = isUrl(from)
      ? await this.#download(from, signal)
      : await readSmallFile(from, MAX_METAINFO_BYTES, 'BAD_TORRENT')
    if (found instanceof Uint8Array) {
      return { metainfo: await this.#validated(found, infoHash, 'BAD_TORRENT') }
    }
    if (infoHash !== undefined && infoHash !== found.infoHash) throw new Fault('BAD_TORRENT')
    const metainfo = await this.fromFolder(found.infoHash)
    return metainfo ? { metainfo } : { magnet: found }
  }

  /** @param magnet asked for when peers can be asked: more may be known of it by then */
  async fromPeers(magnet: () => TorrentSpec, job: Job<Metainfo>): Promise<Metainfo> {
    await holdTorrent(this.#deps, magnet().infoHash, job)
    await job.acquirePermit(this.#deps.permits)
    const spec = this.#allowed(magnet())
    const metainfo = await this.#deps.engine.fetchMetadata(spec, job.signal)
    return this.#validated(metainfo, spec.infoHash, 'HOSTILE_TORRENT')
  }

  /** Another magnet of a torrent that may be running. */
  learn(magnet: TorrentSpec): void {
    const { trackers, webSeeds, peers = [], nodes = [] } = magnet
    if (trackers.length + webSeeds.length + peers.length + nodes.length === 0) return
    if (!this.#deps.blocklist.hasInfoHash(magnet.infoHash)) {
      this.#deps.engine.learn(this.#allowed(magnet))
    }
  }

  /** The same of a .torrent that is a file here. Never rejects. */
  async learnFrom({ from, infoHash }: TorrentLocator & { kind: 'torrent' }): Promise<void> {
    if (isUrl(from)) return
    try {
      const bytes = await readSmallFile(from, MAX_METAINFO_BYTES, 'BAD_TORRENT')
      this.learn(await this.#validated(bytes, infoHash, 'BAD_TORRENT'))
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'a .torrent of a running download is not usable')
    }
  }

  /** @throws Fault SOURCE_GONE */
  #allowed({ infoHash, trackers, webSeeds, peers = [], nodes = [] }: TorrentSpec): TorrentSpec {
    // Nothing else of what it may be: it goes to another process.
    return allowedTorrent(this.#deps.blocklist, { infoHash, trackers, webSeeds, peers, nodes })
  }

  /** The bytes of the .torrent; or a magnet, because an indexer's link may redirect to one. */
  async #download(url: string, signal: AbortSignal): Promise<Uint8Array | Magnet> {
    const answer = await this.#deps.outbound.get(url, {
      signal,
      timeoutMs: FETCH_TIMEOUT_MS,
      maxBytes: MAX_METAINFO_BYTES,
    })
    const { location = '' } = answer.headers
    if (/^magnet:/i.test(location)) return magnetOf(location)
    if (answer.status !== 200) throw new Fault('UPSTREAM_FAILED')
    return isGzip(answer.body) ? unpacked(answer.body) : answer.body
  }

  /** `code` is what an invalid torrent is called, or one with another info hash than expected. */
  async #validated(
    bytes: Uint8Array,
    infoHash: string | undefined,
    code: 'BAD_TORRENT' | 'HOSTILE_TORRENT',
  ): Promise<Metainfo> {
    const { validateMetainfo, log } = this.#deps
    try {
      const metainfo = await validateMetainfo(bytes, infoHash)
      if (infoHash === undefined || metainfo.infoHash === infoHash) return metainfo
      throw new ValidationError('The torrent is not the one its source names.')
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      log.info({ infoHash, reason: error.message }, 'torrent refused')
      throw invalid(error, code)
    }
  }
}

/** Some servers send a .torrent as the gzip file that they keep, and do not say so. @throws Fault BAD_TORRENT */
async function unpacked(gzip: Buffer): Promise<Buffer> {
  try {
    return await decoded(gzip, 'gzip', MAX_METAINFO_BYTES)
  } catch (error) {
    throw asFault(error, 'BAD_TORRENT')
  }
}

/** @throws Fault BAD_TORRENT, UNSUPPORTED_TORRENT */
function magnetOf(location: string): Magnet {
  try {
    return parseMagnet(location)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    throw invalid(error, 'BAD_TORRENT')
  }
}

const invalid = (error: ValidationError, code: FaultCode): Fault =>
  asFault(error, error instanceof UnsupportedTorrentError ? 'UNSUPPORTED_TORRENT' : code)

const isUrl = (from: string): boolean => /^https?:\/\//i.test(from)
