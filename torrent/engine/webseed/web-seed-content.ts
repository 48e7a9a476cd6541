import { sizeOfPiece, type TorrentPieces } from '../../../common/bittorrent/piece-hash.ts'
import { BLOCK, type Block } from '../blocks/block.ts'
import { RangeClient, WebSeedError } from './range-client.ts'
import { type WebSeedFile, webSeedFiles } from './web-seed-files.ts'

/** The torrent that a web seed serves. */
export interface WebSeedTorrent extends TorrentPieces {
  readonly infoBytes: Uint8Array
}

/**
 * A range's least length: shorter pieces are requested several at a time, to wait for headers less
 * often.
 */
const RANGE_BYTES = 4 << 20

/**
 * The bytes of a torrent as one web server holds them, file by file (BEP 19). Blocks are numbered
 * through the whole torrent, the last one of a piece being shorter where pieces are no whole blocks.
 */
export class WebSeedContent {
  readonly blockCount: number
  readonly #torrent: WebSeedTorrent
  readonly #blocksPerPiece: number
  readonly #client: RangeClient
  readonly #files: readonly WebSeedFile[]
  /** Files that the server does not have. */
  readonly #missing: Set<WebSeedFile>

  /** @param connections to the server, at the same time */
  constructor(url: string, torrent: WebSeedTorrent, connections: number) {
    this.#torrent = torrent
    this.#client = new RangeClient(connections)
    this.#files = webSeedFiles(torrent, url)
    this.#missing = new Set(this.#files.filter((file) => file.url === undefined && !file.padding))
    this.#blocksPerPiece = Math.ceil(torrent.pieceLength / BLOCK)
    this.blockCount = this.#indexAfter(torrent.length)
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
    return piece * this.#blocksPerPiece + offset / BLOCK
  }

  blockAt(index: number): Block {
    const piece = Math.floor(index / this.#blocksPerPiece)
    const offset = (index - piece * this.#blocksPerPiece) * BLOCK
    const left = sizeOfPiece(this.#torrent, piece) - offset
    return { piece, offset, length: Math.min(this.sizeOf(index), left) }
  }

  /**
   * Bytes of a block as they are read; the last one of a piece or of the torrent may be shorter than the
   * others. In v2 padding may follow its own.
   */
  sizeOf(index: number): number {
    return this.#startOf(index + 1) - this.#startOf(index)
  }

  /** Where a range that begins at this block should end: the number of the block after its last. */
  rangeEnd(index: number): number {
    const { pieceLength, length } = this.#torrent
    const at = this.#startOf(index)
    const [file] = this.#filesIn(at, at + 1)
    const pieceEnd = Math.ceil((at + 1) / pieceLength) * pieceLength
    // A server without ranges sends each file from its beginning: better to read on to its end.
    const fileEnd = this.#client.ignoresRanges && file ? file.start + file.size : 0
    return this.#indexAfter(Math.min(Math.max(pieceEnd, at + RANGE_BYTES, fileEnd), length))
  }

  /**
   * The bytes of the blocks `from` to `end` (exclusive).
   * @throws WebSeedError, and the errors of the connection
   */
  async *bytes(from: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const first = this.#startOf(from)
    const after = this.#startOf(end)
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

  /** The first byte of a block in the torrent; the end of the torrent for one behind its last. */
  #startOf(index: number): number {
    const { pieceLength, length } = this.#torrent
    const piece = Math.floor(index / this.#blocksPerPiece)
    return Math.min(piece * pieceLength + (index - piece * this.#blocksPerPiece) * BLOCK, length)
  }

  /** The number of the first block that begins at this byte or behind it. */
  #indexAfter(at: number): number {
    const { pieceLength } = this.#torrent
    const piece = Math.floor(at / pieceLength)
    return piece * this.#blocksPerPiece + Math.ceil((at - piece * pieceLength) / BLOCK)
  }

  #filesIn(from: number, to: number): readonly WebSeedFile[] {
    return this.#files.filter(({ start, size }) => start < to && start + size > from && size > 0)
  }
}
