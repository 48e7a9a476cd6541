import { setTimeout as sleep } from 'node:timers/promises'
import { diskFault } from '../../cache/disk/disk-fault.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceAt,
  pieceCount,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'
import type { ByteReader } from '../../common/byte-reader.ts'
import { asFault } from '../../common/errors.ts'
import type { EngineFile } from '../../torrent/engine/storage/engine-file.ts'
import type { ReaderPlace } from '../../torrent/protocol/messages.ts'
import type {
  DownloadPort,
  SupervisedDownload,
} from '../../torrent/supervisor/supervised-download.ts'
import { aborted } from '../downloads/open-download.ts'
import type { OpenBody } from '../relay/relay-reader.ts'
import { LinkRequest } from './link-request.ts'

export interface LinkFetcherParts {
  readonly layout: PieceLayout
  readonly fill: 'whole' | 'window'
  readonly openBody: OpenBody
  /** Where its pieces go. */
  readonly disk: EngineFile
  readonly file: SupervisedDownload
}

/** Requests to the other server at once, for one file. */
const MOST_RUNS = 4
/** One that is so many pieces before what is wanted gets there sooner than a new one. */
const SOON = 2
/** With CACHE_FILL=window: so far ahead of a reader. */
const WINDOW_BYTES = 32 << 20
/** Between two requests for one file, however a viewer seeks. */
const REQUEST_EVERY_MS = 50
const REPORT_MS = 1000

/** One request, which goes on from piece to piece. */
interface Run {
  /** That it fetches now. */
  piece: number
  readonly ending: AbortController
  readonly over: Promise<void>
}

/**
 * Fetches the pieces of a file by ranges (RFC 9110 14) from the server that has it: what readers wait for
 * first, each byte once. Nothing is hashed, for there is nothing to compare with: its strong validator says
 * that all of it is one file.
 */
export class LinkFetcher implements DownloadPort {
  readonly #parts: LinkFetcherParts
  readonly #last: number
  readonly #runs = new Set<Run>()
  readonly #reporting: NodeJS.Timeout
  #readers: readonly ReaderPlace[] = []
  /** Wakes runs that have gone far enough ahead. */
  #moved = Promise.withResolvers<void>()
  #received = 0
  #requestAt = 0
  #hasFailed = false
  #gone: Promise<'told'> | undefined

  constructor(parts: LinkFetcherParts) {
    this.#parts = parts
    const { layout } = parts
    this.#last = firstPiece(layout) + pieceCount(layout) - 1
    this.#reporting = setInterval(() => this.#report(), REPORT_MS).unref()
  }

  readers(readers: readonly ReaderPlace[]): void {
    this.#readers = readers
    this.#moved.resolve()
    this.#moved = Promise.withResolvers<void>()
    this.#schedule()
  }

  room(bytes: number): void {
    this.#parts.disk.giveRoom(bytes)
  }

  gone(): Promise<'told'> {
    this.#gone ??= this.#end()
    return this.#gone
  }

  async #end(): Promise<'told'> {
    clearInterval(this.#reporting)
    const runs = [...this.#runs]
    for (const { ending } of runs) ending.abort()
    const closing = this.#parts.disk.close()
    await Promise.all([closing, ...runs.map(({ over }) => over)])
    return 'told'
  }

  /** Begins what is wanted and not on its way. */
  #schedule(): void {
    if (this.#gone || this.#hasFailed || this.#parts.disk.have.complete) return
    const wanted = this.#wanted()
    for (const piece of wanted) {
      if ([...this.#runs].some((run) => this.#serves(run, piece))) continue
      // Who waits for a place has the whole line.
      const idle = [...this.#runs].filter((run) => !wanted.some((one) => this.#serves(run, one)))
      for (const run of idle) run.ending.abort()
      if (this.#runs.size - idle.length < MOST_RUNS) this.#begin(piece)
    }
  }

  /** The first piece that each reader lacks; without readers that wait, the first of all. */
  #wanted(): readonly number[] {
    const { fill } = this.#parts
    const ofReaders = this.#readers.flatMap(({ at, end }) => this.#lacking(at, end) ?? [])
    if (ofReaders.length > 0 || fill === 'window') return [...new Set(ofReaders)]
    // The rest goes on from where somebody is.
    const [{ at } = { at: 0 }] = this.#readers
    const { size } = this.#parts.layout
    const piece = this.#lacking(at, size - 1) ?? this.#lacking(0, size - 1)
    return piece === undefined ? [] : [piece]
  }

  /** The first piece between two bytes that is not there; with `window` only in front of the first byte. */
  #lacking(at: number, end: number): number | undefined {
    const { layout, disk, fill } = this.#parts
    const most = fill === 'window' ? Math.min(end, at + WINDOW_BYTES) : end
    for (let piece = pieceAt(layout, at); piece <= pieceAt(layout, most); piece++) {
      if (!disk.has(piece)) return piece
    }
    return undefined
  }

  /** Whether it comes to that piece soon. */
  #serves({ piece, ending }: Run, wanted: number): boolean {
    return !ending.signal.aborted && piece <= wanted && wanted <= piece + SOON
  }

  #begin(piece: number): void {
    const ending = new AbortController()
    const over = Promise.withResolvers<void>()
    const run: Run = { piece, ending, over: over.promise }
    this.#runs.add(run)
    void this.#run(run)
      .catch((error: unknown) => {
        if (ending.signal.aborted) return
        this.#hasFailed = true
        this.#parts.file.fail(asFault(error, 'UPSTREAM_FAILED'))
      })
      .finally(() => {
        this.#runs.delete(run)
        over.resolve()
        this.#schedule()
      })
  }

  async #run(run: Run): Promise<void> {
    const { signal } = run.ending
    const { disk, file } = this.#parts
    const request = new LinkRequest((from) => this.#openAt(from, signal), signal)
    try {
      while (await this.#goesOn(run)) {
        const { piece } = run
        const { at, inside } = pieceInFile(this.#parts.layout, piece)
        const bytes = await request.read(at, inside, (got) => {
          this.#received += got
        })
        await disk.untilRoomFor(piece)
        await disk.write(piece, bytes).catch((error: unknown) => Promise.reject(diskFault(error)))
        file.verified([piece])
        run.piece++
      }
    } finally {
      request.close()
    }
  }

  /** Whether the next piece is its to fetch; waits until somebody wants it. */
  async #goesOn(run: Run): Promise<boolean> {
    const { disk } = this.#parts
    const { signal } = run.ending
    for (;;) {
      if (signal.aborted || run.piece > this.#last || disk.has(run.piece)) return false
      const others = [...this.#runs].filter((one) => one !== run && !one.ending.signal.aborted)
      if (others.some(({ piece }) => piece === run.piece)) return false
      if (this.#isWanted(run.piece)) return true
      await Promise.race([this.#moved.promise, aborted(signal)])
    }
  }

  /** With CACHE_FILL=window nothing is fetched that no reader is about to reach. */
  #isWanted(piece: number): boolean {
    const { layout, fill } = this.#parts
    if (fill === 'whole') return true
    return this.#readers.some(({ at, end }) => {
      const last = pieceAt(layout, Math.min(end, at + WINDOW_BYTES))
      return pieceAt(layout, at) <= piece && piece <= last
    })
  }

  async #openAt(from: number, signal: AbortSignal): Promise<ByteReader> {
    const now = performance.now()
    const wait = Math.max(0, this.#requestAt - now)
    this.#requestAt = now + wait + REQUEST_EVERY_MS
    if (wait > 0) await sleep(wait, undefined, { signal })
    const { openBody, file } = this.#parts
    const body = await openBody(from, signal)
    file.peerConnected()
    return body
  }

  #report(): void {
    const bytesPerSecond = Math.round((this.#received * 1000) / REPORT_MS)
    this.#received = 0
    this.#parts.file.report({ peers: this.#runs.size > 0 ? 1 : 0, bytesPerSecond })
  }
}
