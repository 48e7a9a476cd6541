import { MAX_INFO_BYTES } from '../../../common/bittorrent/metainfo.ts'
import { MetadataDownload, type MetadataPeer } from './metadata-download.ts'
import { MetadataPool } from './metadata-pool.ts'

/**
 * Bytes of all downloads of a torrent together. Past it the largest is dropped: honest ones are
 * small.
 */
const MAX_TOTAL_BYTES = 32 << 20

/**
 * The info dictionaries of one torrent that are being downloaded (BEP 9). Peers that name the same
 * size fetch one together. When that has a wrong hash, each of them is asked for all of it: then it
 * is known who sends wrong bytes.
 */
export class MetadataDownloads {
  readonly infoHash: string
  readonly #maxTotalBytes: number
  readonly #running = new Set<MetadataDownload>()
  /** By size in bytes. */
  readonly #shared = new Map<number, MetadataPool>()
  /** Sizes of which a shared download had a wrong hash. */
  readonly #distrusted = new Set<number>()

  /** @param infoHash hex */
  constructor(infoHash: string, maxTotalBytes = MAX_TOTAL_BYTES) {
    this.infoHash = infoHash
    this.#maxTotalBytes = maxTotalBytes
  }

  /**
   * Requests the info dictionary from one more peer. Undefined when the peer names an impossible size.
   * @param size bytes of the info dictionary, as the peer says
   */
  start(size: number, peer: MetadataPeer): MetadataDownload | undefined {
    if (size > MAX_INFO_BYTES) return undefined
    const download = new MetadataDownload(this, this.#poolOf(size), peer)
    this.#running.add(download)
    download.fill()
    return download
  }

  /** It is known from elsewhere. */
  endAll(): void {
    for (const download of [...this.#running]) download.end()
  }

  isRunning(download: MetadataDownload): boolean {
    return this.#running.has(download)
  }

  remove(download: MetadataDownload): void {
    this.#running.delete(download)
    const { pool } = download
    if (![...this.#running].some((other) => other.pool === pool)) this.#forget(pool)
  }

  /** From now on each peer that took part in this one is asked for everything. */
  split(pool: MetadataPool): void {
    this.#distrusted.add(pool.size)
    this.#forget(pool)
    for (const download of [...this.#running]) if (download.pool === pool) download.goOnAlone()
  }

  /** Drops the largest one, and the peers that send it, when all together take too much memory. */
  limit(): void {
    const pools = new Set([...this.#running].map(({ pool }) => pool))
    let total = 0
    let largest: MetadataPool | undefined
    for (const pool of pools) {
      total += pool.bytes
      if (!largest || pool.bytes > largest.bytes) largest = pool
    }
    if (total <= this.#maxTotalBytes) return
    for (const download of [...this.#running]) if (download.pool === largest) download.drop()
  }

  #poolOf(size: number): MetadataPool {
    const shared = this.#shared.get(size)
    if (shared) return shared
    const pool = new MetadataPool(size)
    if (!this.#distrusted.has(size)) this.#shared.set(size, pool)
    return pool
  }

  #forget(pool: MetadataPool): void {
    if (this.#shared.get(pool.size) === pool) this.#shared.delete(pool.size)
  }
}
