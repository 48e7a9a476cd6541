import type { FileStore } from '../../cache/disk/file-store.ts'
import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { MAX_METAINFO_BYTES, type Metainfo } from '../../common/bittorrent/metainfo.ts'
import { V2OnlyError, ValidationError } from '../../common/bittorrent/validation-error.ts'
import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import { asFault, Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { decoded, isGzip } from '../../common/network/content-coding.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Permits } from '../../common/permits/permits.ts'
import type { Locator } from '../../sources/source.ts'
import type { TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import { refuseBlocked } from '../files/blocked.ts'
import { readSmallFile } from '../files/read-file.ts'
import type { Job } from '../jobs/shared-job.ts'

export type TorrentLocator = Extract<Locator, { kind: 'magnet' | 'torrent' }>
/** Checks and parses the bytes of a .torrent, whoever they come from. @throws ValidationError */
export type MetainfoValidator = (bytes: Uint8Array) => Metainfo

export interface TorrentLookupDeps {
  readonly blocklist: Blocklist
  readonly store: Pick<FileStore, 'readMetainfo'>
  readonly engine: Pick<TorrentEngine, 'fetchMetadata'>
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
      return bytes && this.#validated(bytes, infoHash, 'BAD_TORRENT')
    } catch (error) {
      this.#deps.log.warn({ err: error, infoHash }, 'kept metainfo is not usable; asking again')
      return undefined
    }
  }

  /**
   * From where the locator points to.
   * @param askingPeers called when it is peers that are waited for
   * @throws Fault as TorrentMetadata.find
   */
  async fromLocator(
    locator: TorrentLocator,
    job: Job<Metainfo>,
    askingPeers: () => void,
  ): Promise<Metainfo> {
    if (locator.kind === 'magnet') {
      askingPeers()
      return this.#fromPeers(locator, job)
    }
    const found = isUrl(locator.from)
      ? await this.#download(locator.from, job.signal)
      : await readSmallFile(locator.from, MAX_METAINFO_BYTES, 'BAD_TORRENT')
    if (found instanceof Uint8Array) return this.#validated(found, locator.infoHash, 'BAD_TORRENT')
    if (locator.infoHash !== undefined && locator.infoHash !== found.infoHash) {
      throw new Fault('BAD_TORRENT')
    }
    askingPeers()
    return (await this.fromFolder(found.infoHash)) ?? this.#fromPeers(found, job)
  }

  async #fromPeers(magnet: Omit<Magnet, 'name'>, job: Job<Metainfo>): Promise<Metainfo> {
    const { blocklist, engine, permits } = this.#deps
    await job.acquirePermit(permits)
    const { infoHash } = magnet
    const isAllowed = (url: string): boolean => !isBlockedHost(blocklist, url)
    const trackers = magnet.trackers.filter(isAllowed)
    const webSeeds = magnet.webSeeds.filter(isAllowed)
    refuseBlocked(blocklist, infoHash)
    const metainfo = await engine.fetchMetadata({ infoHash, trackers, webSeeds }, job.signal)
    return this.#validated(metainfo, infoHash, 'HOSTILE_TORRENT')
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
  #validated(
    bytes: Uint8Array,
    infoHash: string | undefined,
    code: 'BAD_TORRENT' | 'HOSTILE_TORRENT',
  ): Metainfo {
    const { validateMetainfo, log } = this.#deps
    try {
      const metainfo = validateMetainfo(bytes)
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
  asFault(error, error instanceof V2OnlyError ? 'UNSUPPORTED_TORRENT' : code)

const isUrl = (from: string): boolean => /^https?:\/\//i.test(from)
