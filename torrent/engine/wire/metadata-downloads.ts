import { createHash } from 'node:crypto'
import { MAX_INFO_BYTES } from '../../../common/bittorrent/metainfo.ts'
import { METADATA_PIECE_BYTES } from './extension-messages.ts'

/**
 * Bytes of all downloads of a torrent together. Past it the largest is dropped: honest ones are
 * small.
 */
const MAX_TOTAL_BYTES = 32 << 20

/** What `add` answers: nothing yet, the whole info dictionary, or that its hash is wrong. */
export interface MetadataProgress {
  readonly whole?: Buffer
  readonly wrong?: true
}
const INCOMPLETE: MetadataProgress = {}

/** The info dictionaries of one torrent that are being downloaded, one from each peer (BEP 9). */
export class MetadataDownloads {
  readonly infoHash: string
  readonly #maxTotalBytes: number
  readonly #running = new Set<MetadataDownload>()

  /** @param infoHash hex */
  constructor(infoHash: string, maxTotalBytes = MAX_TOTAL_BYTES) {
    this.infoHash = infoHash
    this.#maxTotalBytes = maxTotalBytes
  }

  /**
   * Undefined when the peer names an impossible size.
   * @param size bytes of the info dictionary, as the peer says
   * @param dropped called when this download had to make room for others
   */
  start(size: number, dropped: () => void): MetadataDownload | undefined {
    if (size > MAX_INFO_BYTES) return undefined
    const download = new MetadataDownload(this, size, dropped)
    this.#running.add(download)
    return download
  }

  isRunning(download: MetadataDownload): boolean {
    return this.#running.has(download)
  }

  remove(download: MetadataDownload): void {
    this.#running.delete(download)
  }

  /** Drops the largest download when all together take too much memory. */
  limit(): void {
    let total = 0
    let largest: MetadataDownload | undefined
    for (const download of this.#running) {
      total += download.bytes
      if (!largest || download.bytes > largest.bytes) largest = download
    }
    if (total > this.#maxTotalBytes) largest?.drop()
  }
}

/** The info dictionary as one peer sends it, in pieces of 16 KiB (BEP 9). */
export class MetadataDownload {
  readonly #all: MetadataDownloads
  readonly #size: number
  readonly #count: number
  readonly #dropped: () => void
  readonly #received = new Map<number, Buffer>()
  #bytes = 0

  constructor(all: MetadataDownloads, size: number, dropped: () => void) {
    this.#all = all
    this.#size = size
    this.#count = Math.ceil(size / METADATA_PIECE_BYTES)
    this.#dropped = dropped
  }

  /** Bytes received. */
  get bytes(): number {
    return this.#bytes
  }

  /** Numbers of the pieces to request. */
  get pieces(): readonly number[] {
    return Array.from({ length: this.#count }, (_, i) => i)
  }

  /** Keeps a copy of the bytes. Pieces of a wrong length, unknown or sent before are ignored. */
  add(piece: number, bytes: Uint8Array): MetadataProgress {
    const expected = Math.min(METADATA_PIECE_BYTES, this.#size - piece * METADATA_PIECE_BYTES)
    const fits = piece < this.#count && bytes.length === expected
    if (!fits || this.#received.has(piece) || !this.#all.isRunning(this)) return INCOMPLETE
    this.#received.set(piece, Buffer.from(bytes))
    this.#bytes += bytes.length
    this.#all.limit()
    if (this.#received.size < this.#count) return INCOMPLETE
    const whole = Buffer.concat(this.pieces.map((i) => this.#received.get(i) ?? bytes))
    this.end()
    const hash = createHash('sha1').update(whole).digest('hex')
    return hash === this.#all.infoHash ? { whole } : { wrong: true }
  }

  /** Its bytes are no longer needed. */
  end(): void {
    this.#all.remove(this)
    this.#received.clear()
  }

  drop(): void {
    this.end()
    this.#dropped()
  }
}
