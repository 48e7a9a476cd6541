import { close as closeFd } from 'node:fs'
import { join } from 'node:path'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { firstPiece } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import { openForReading } from '../../common/read-at.ts'
import type { ReaderPlace } from '../protocol/messages.ts'
import type {
  DownloadEvents,
  DownloadPlace,
  DownloadProgress,
  FileDownload,
} from '../protocol/torrent-engine.ts'
import { RecordedTimes } from './download-times.ts'
import { type DownloadingFile, type ReaderEvents, VerifiedReader } from './verified-reader.ts'

/** What a download tells the engine. */
export interface DownloadPort {
  readers(readers: readonly ReaderPlace[]): void
  room(bytes: number): void
  /**
   * Called once when it is closed; resolves when nothing is written any more, with whether the engine has
   * told of everything that was.
   */
  gone(): Promise<'told' | 'untold'>
}

/** The main process' side of one download: its piece map, its readers, its descriptor. */
export class SupervisedDownload implements FileDownload {
  readonly have: Bitfield
  readonly times = new RecordedTimes()
  readonly finished: Promise<void>
  progress: DownloadProgress = { peers: 0, bytesPerSecond: 0 }
  readonly #place: DownloadPlace
  readonly #events: DownloadEvents
  readonly #port: DownloadPort
  readonly #first: number
  readonly #finish = Promise.withResolvers<void>()
  readonly #readers = new Set<VerifiedReader>()
  /** Reads that wait, by piece. */
  readonly #waiting = new Map<number, (() => void)[]>()
  readonly #shared: DownloadingFile
  readonly #readerEvents: ReaderEvents
  /** Bytes that its pieces may take on disk. */
  #room: number
  #failure: Fault | undefined
  #closed: Promise<'told' | 'untold'> | undefined
  #fd: Promise<number> | undefined
  #runningReads = 0

  constructor(place: DownloadPlace, events: DownloadEvents, port: DownloadPort) {
    this.#place = place
    this.#room = place.room
    this.have = new Bitfield(place.have.length)
    this.#events = events
    this.#port = port
    this.#first = firstPiece(place.layout)
    this.finished = this.#finish.promise
    this.finished.catch(() => {}) // it may be that nobody waits for it
    this.#shared = this.#sharedWithReaders()
    this.#readerEvents = {
      moved: () => this.#sendReaders(),
      closed: (reader) => {
        this.#readers.delete(reader)
        this.#sendReaders()
        this.#closeDescriptor()
      },
    }
  }

  get room(): number {
    return this.#room
  }

  giveRoom(bytes: number): void {
    this.#room = Math.max(this.#room, bytes)
    if (!this.#closed) this.#port.room(this.#room)
  }

  needsRoom(bytes: number): void {
    // Given while an engine was starting, which did not hear of it.
    if (bytes <= this.#room) this.giveRoom(this.#room)
    else this.#events.needsRoom(bytes)
  }

  reader(range: ByteRange): ByteReader {
    const reader = new VerifiedReader(range, this.#shared, this.#readerEvents)
    this.#readers.add(reader)
    this.#sendReaders()
    return { read: (into) => this.#read(reader, into), close: () => reader.close() }
  }

  /** The engine has opened the file; `bytes` is the bitfield of the pieces it found on disk. */
  opened(bytes: Uint8Array): void {
    const real = new Bitfield(this.have.length, bytes)
    const claimed = this.#place.have
    const gained: number[] = []
    const lost: number[] = []
    for (let i = 0; i < real.length; i++) {
      if (real.has(i) && !claimed.has(i)) gained.push(this.#first + i)
      if (!real.has(i) && claimed.has(i)) lost.push(this.#first + i)
      if (real.has(i) && claimed.has(i)) this.have.set(i)
    }
    if (lost.length > 0) this.#events.missing(lost)
    if (gained.length > 0) this.verified(gained)
    if (this.have.complete) this.#finish.resolve()
    this.#wakeAll()
    this.#sendReaders()
  }

  /**
   * Another engine has opened the file and does not know its readers. It may have found more pieces:
   * a boundary piece that a neighbour file has.
   */
  resumed(bytes: Uint8Array): void {
    const real = new Bitfield(this.have.length, bytes)
    const gained: number[] = []
    for (let i = 0; i < real.length; i++) {
      if (real.has(i) && !this.have.has(i)) gained.push(this.#first + i)
    }
    if (gained.length > 0) this.verified(gained)
    this.#sendReaders()
  }

  verified(pieces: readonly number[]): void {
    this.times.pieceReceived()
    this.#events.verified(pieces)
    for (const piece of pieces) {
      this.have.set(piece - this.#first)
      this.#wake(piece)
    }
    if (this.have.complete) this.#finish.resolve()
  }

  peerConnected(): void {
    this.times.peerConnected()
  }

  report(progress: DownloadProgress): void {
    this.progress = progress
  }

  fail(fault: Fault): void {
    this.#failure ??= fault
    this.#finish.reject(this.#failure)
    this.#wakeAll()
  }

  close(): Promise<'told' | 'untold'> {
    if (!this.#closed) {
      this.#closed = this.#port.gone()
      this.fail(new Fault('ENGINE_DIED', { message: 'The download was ended.' }))
      this.#closeDescriptor()
    }
    return this.#closed
  }

  #sharedWithReaders(): DownloadingFile {
    const failure = (): Fault | undefined => this.#failure
    return {
      layout: this.#place.layout,
      have: this.have,
      descriptor: async () => {
        this.#fd ??= openForReading(join(this.#place.folder, `${this.#place.fileIdx}`))
        return this.#fd
      },
      changed: (piece) => this.#untilChanged(piece),
      get failure() {
        return failure()
      },
    }
  }

  #untilChanged(piece: number): Promise<void> {
    return new Promise((resolve) => {
      const list = this.#waiting.get(piece)
      if (list) list.push(resolve)
      else this.#waiting.set(piece, [resolve])
    })
  }

  #wake(piece: number): void {
    const list = this.#waiting.get(piece)
    this.#waiting.delete(piece)
    for (const resolve of list ?? []) resolve()
  }

  #wakeAll(): void {
    for (const piece of [...this.#waiting.keys()]) this.#wake(piece)
  }

  #sendReaders(): void {
    if (this.#closed) return
    this.#port.readers([...this.#readers].map(({ at, end }) => ({ at, end })))
  }

  async #read(reader: VerifiedReader, into: Buffer): Promise<number> {
    this.#runningReads++
    try {
      return await reader.read(into)
    } finally {
      this.#runningReads--
      this.#closeDescriptor()
    }
  }

  /** Only when no reader and no read is left: its number may become another file's. */
  #closeDescriptor(): void {
    if (!this.#closed || this.#readers.size > 0 || this.#runningReads > 0) return
    const opened = this.#fd
    this.#fd = undefined
    opened?.then((fd) => closeFd(fd, () => {})).catch(() => {})
  }
}
