import { BLOCK, type Block } from '../blocks/block.ts'
import { RangeClient, WebSeedError } from './range-client.ts'
import { type WebSeedFile, webSeedFiles } from './web-seed-files.ts'

/** The torrent that a web seed serves. */
export interface WebSeedTorrent {
  readonly infoBytes: Uint8Array
  readonly pieceLength: number
  /** Bytes of all files together. */
  readonly length: number
}

/**
 * A range's least length: shorter pieces are requested several at a time, to wait for headers less
 * often.
 */
const RANGE_BYTES = 4 << 20

/**
 * The bytes of a torrent as one web server holds them, file by file (BEP 19). Blocks are numbered
 * through the whole torrent: block `i` begins at byte `i * BLOCK`.
 */
export class WebSeedContent {
  readonly blockCount: number
  readonly #torrent: WebSeedTorrent
  readonly #client: RangeClient
  readonly #files: readonly WebSeedFile[]
  /** Files that the server does not have. */
  readonly #missing: Set<WebSeedFile>

  /** @param connections to the server, at the same time */
  constructor(url: string, torrent: WebSeedTorrent, connections: number) {
    this.#torrent = torrent
    this.#client = new RangeClient(connections)
    this.#files = webSeedFiles(torrent.infoBytes, url)
    this.#missing = new Set(this.#files.filter((file) => file.url === undefined && !file.padding))
    this.blockCount = Math.ceil(torrent.length / BLOCK)
  }

  /** Whether the server may have every byte of the piece. */
  has(piece: number): boolean {
    const { pieceLength } = this.#torrent
    const from = piece * pieceLength
    for (const { start, size } of this.#missing) {
      if (start < from + pieceLength && start + size > from) return false
    }
    return true
  }

  /** The server has none of the files. */
  get isEmpty(): boolean {
    return this.#files.every((file) => this.#missing.has(file) || file.padding)
  }

  indexOf({ piece, offset }: Block): number {
    return (piece * this.#torrent.pieceLength + offset) / BLOCK
  }

  blockAt(index: number): Block {
    const { pieceLength } = this.#torrent
    const at = index * BLOCK
    const piece = Math.floor(at / pieceLength)
    return { piece, offset: at - piece * pieceLength, length: this.sizeOf(index) }
  }

  /** Bytes of a block; only the last one of the torrent is shorter than the others. */
  sizeOf(index: number): number {
    return Math.min(BLOCK, this.#torrent.length - index * BLOCK)
  }

  /** Where a range that begins at this block should end: the number of the block after its last. */
  rangeEnd(index: number): number {
    const { pieceLength, length } = this.#torrent
    const at = index * BLOCK
    const [file] = this.#filesIn(at, at + 1)
    const pieceEnd = Math.ceil((at + 1) / pieceLength) * pieceLength
    // A server without ranges sends each file from its beginning: better to read on to its end.
    const fileEnd = this.#client.ignoresRanges && file ? file.start + file.size : 0
    return Math.ceil(Math.min(Math.max(pieceEnd, at + RANGE_BYTES, fileEnd), length) / BLOCK)
  }

  /**
   * The bytes of the blocks `from` to `end` (exclusive).
   * @throws WebSeedError, and the errors of the connection
   */
  async *bytes(from: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const first = from * BLOCK
    const after = Math.min(end * BLOCK, this.#torrent.length)
    for (const file of this.#filesIn(first, after)) {
      const start = Math.max(first - file.start, 0)
      const stop = Math.min(after - file.start, file.size)
      try {
        if (file.padding) yield Buffer.alloc(stop - start)
        else if (!file.url || this.#missing.has(file)) {
          throw new WebSeedError('missing', 'no such file')
        } else yield* this.#client.range(file.url, { start, end: stop, size: file.size }, signal)
      } catch (error) {
        if (error instanceof WebSeedError && error.kind === 'missing') this.#missing.add(file)
        throw error
      }
    }
  }

  close(): void {
    this.#client.close()
  }

  #filesIn(from: number, to: number): readonly WebSeedFile[] {
    return this.#files.filter(({ start, size }) => start < to && start + size > from && size > 0)
  }
}
