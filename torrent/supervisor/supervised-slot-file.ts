import { close as closeFd } from 'node:fs'
import { type PieceLayout, pieceAt, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import { openForReading, readAt } from '../../common/read-at.ts'
import type { ReaderPlace } from '../protocol/messages.ts'
import type { DownloadProgress, SlotFile } from '../protocol/torrent-engine.ts'
import { RecordedTimes } from './download-times.ts'
import { type SlotChanges, SlotMap } from './slot-map.ts'
import { SlotReader, type SlotReaderFile } from './slot-reader.ts'

/** What a file of slots tells the engine. */
export interface SlotPort {
  readers(readers: readonly ReaderPlace[]): void
  slots(changes: SlotChanges): void
  /** Called once when it is closed. */
  gone(): void
}

export async function openSupervisedSlotFile(
  path: string,
  layout: PieceLayout,
  port: SlotPort,
): Promise<SupervisedSlotFile> {
  return new SupervisedSlotFile(layout, port, await openForReading(path))
}

/** The main process' side of a file that is played through slots (docs/decisions/0007). */
export class SupervisedSlotFile implements SlotFile, SlotReaderFile {
  readonly layout: PieceLayout
  readonly map = new SlotMap()
  readonly times = new RecordedTimes()
  readonly ended: Promise<never>
  progress: DownloadProgress = { peers: 0, bytesPerSecond: 0 }
  readonly #port: SlotPort
  readonly #fd: number
  readonly #readers = new Set<SlotReader>()
  readonly #end = Promise.withResolvers<never>()
  #change = Promise.withResolvers<void>()
  #failure: Fault | undefined
  #closed = false
  #runningReads = 0

  constructor(layout: PieceLayout, port: SlotPort, fd: number) {
    this.layout = layout
    this.#port = port
    this.#fd = fd
    this.ended = this.#end.promise
    this.ended.catch(() => {}) // it may be that nobody waits for it
  }

  get failure(): Fault | undefined {
    return this.#failure
  }

  /** Once closed the descriptor may be another file's. */
  get closedBy(): Fault | undefined {
    return this.#closed ? this.#failure : undefined
  }

  grow(capacity: number): void {
    this.map.grow(capacity)
  }

  reader(range: ByteRange, window: number): SlotReader {
    const reader = new SlotReader(range, window, this)
    this.#readers.add(reader)
    this.plan()
    return reader
  }

  /** @param generation the last change of slots that the engine knew when it said so */
  verified(pieces: readonly number[], generation: number): void {
    this.times.pieceReceived()
    for (const piece of pieces) this.map.verified(piece, generation)
    this.#wake()
  }

  peerConnected(): void {
    this.times.peerConnected()
  }

  /** Never asked: a slot has its room before it is assigned. */
  needsRoom(): void {}

  report(progress: DownloadProgress): void {
    this.progress = progress
  }

  /** Another engine has opened the file: it knows the slots, but not the readers. */
  resumed(): void {
    this.#sendReaders()
  }

  fail(fault: Fault): void {
    this.#failure ??= fault
    this.#end.reject(this.#failure)
    this.#wake()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.fail(new Fault('ENGINE_DIED', { message: 'The download was ended.' }))
    this.#closeDescriptor()
    this.#port.gone()
  }

  hasSlot(piece: number): boolean {
    return this.map.has(piece)
  }

  slotOf(piece: number): number | undefined {
    return this.map.slotOf(piece)
  }

  untilChanged(): Promise<void> {
    return this.#change.promise
  }

  plan(): void {
    const changes = this.map.want(wantedPieces([...this.#readers], this.layout))
    if (changes.assign.length > 0) this.#port.slots(changes)
    this.#sendReaders()
  }

  closed(reader: SlotReader): void {
    this.#readers.delete(reader)
    this.#wake()
    if (!this.#closed) this.plan()
  }

  async readSlot(reader: SlotReader, into: Buffer, slot: number): Promise<number> {
    const { layout } = this
    const piece = pieceAt(layout, reader.at)
    const inPiece = layout.offset + reader.at - piece * layout.pieceLength
    const left = Math.min(pieceSize(layout, piece) - inPiece, reader.end + 1 - reader.at)
    const at = slot * layout.pieceLength + inPiece
    this.map.pin(piece)
    this.#runningReads++
    try {
      return await readAt(this.#fd, into, Math.min(left, into.length), at)
    } finally {
      this.map.unpin(piece)
      this.#runningReads--
      this.#closeDescriptor()
      // The pinned slot could not be taken while this read ran: readers without one try again.
      if (!reader.isOpen) this.#wake()
    }
  }

  #wake(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers<void>()
  }

  #closeDescriptor(): void {
    if (this.#closed && this.#runningReads === 0) closeFd(this.#fd, () => {})
  }

  #sendReaders(): void {
    const places = [...this.#readers].map((reader) => ({
      at: reader.at,
      end: this.#lastWanted(reader),
    }))
    this.#port.readers(places)
  }

  /** The engine must not fetch more than the reader has slots for. */
  #lastWanted({ at, end, window }: SlotReader): number {
    const { pieceLength, offset } = this.layout
    const nextPiece = (pieceAt(this.layout, at) + window) * pieceLength - offset
    return Math.min(end, nextPiece - 1)
  }
}

/** The pieces in the windows of all readers, the nearest first. */
function wantedPieces(readers: readonly SlotReader[], layout: PieceLayout): number[] {
  const pieces: number[] = []
  const longest = Math.max(0, ...readers.map(({ window }) => window))
  for (let ahead = 0; ahead < longest; ahead++) {
    for (const { at, end, window } of readers) {
      const piece = pieceAt(layout, at) + ahead
      if (ahead < window && at <= end && piece <= pieceAt(layout, end)) pieces.push(piece)
    }
  }
  return pieces
}
