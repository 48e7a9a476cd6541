import { close as fsClose } from 'node:fs'
import { type PieceLayout, pieceAt, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import { openForReading, readAt } from '../../common/read-at.ts'
import type { ReaderPlace } from '../protocol/messages.ts'
import type { DownloadProgress, SlotFile } from '../protocol/torrent-engine.ts'
import { createDownloadTimes } from './download-times.ts'
import { type SlotChanges, SlotMap } from './slot-map.ts'

/** What the main process knows of one content that is played through slots. */
export interface SupervisedSlotFile extends SlotFile {
  readonly path: string
  readonly map: SlotMap
  /** @param turn of the last change of slots that the engine knew when it said so */
  verified(pieces: readonly number[], generation: number): void
  fail(fault: Fault): void
  report(progress: DownloadProgress): void
  /** A first peer is there. */
  peerConnected(): void
  /** Another engine has taken over: it knows the slots, but not the readers. */
  resumed(): void
}

/** What it says to the engine. */
export interface SlotPort {
  readers(readers: readonly ReaderPlace[]): void
  slots(changes: SlotChanges): void
  /** Called once when it is closed. */
  gone(): void
}

interface Reader {
  at: number
  readonly end: number
  /** Pieces from its place on that have slots of its own. */
  readonly window: number
}

export async function openSupervisedSlotFile(
  path: string,
  layout: PieceLayout,
  port: SlotPort,
): Promise<SupervisedSlotFile> {
  const fd = await openForReading(path)
  const map = new SlotMap()
  const readers = new Set<Reader>()
  const ended = Promise.withResolvers<never>()
  ended.promise.catch(() => {}) // who does not wait for it must not crash by it
  let wake = Promise.withResolvers<void>()
  let progress: DownloadProgress = { peers: 0, bytesPerSecond: 0 }
  const times = createDownloadTimes()
  let failure: Fault | undefined
  let closed = false
  let reading = 0

  const changed = (): void => {
    wake.resolve()
    wake = Promise.withResolvers<void>()
  }
  const closeDescriptor = (): void => {
    if (closed && reading === 0) fsClose(fd, () => {})
  }
  const stateReaders = (): void =>
    port.readers(
      [...readers].map(({ at, end, window }) => ({ at, end: lastByte(at, end, window) })),
    )

  /** The engine fetches no further than the reader has slots. */
  function lastByte(at: number, end: number, window: number): number {
    const nextPiece = (pieceAt(layout, at) + window) * layout.pieceLength - layout.offset
    return Math.min(end, nextPiece - 1)
  }

  function plan(): void {
    const changes = map.want(wantedPieces([...readers], layout))
    if (changes.assign.length > 0) port.slots(changes)
    stateReaders()
  }

  /** Bytes of the piece at `at`, as far as they are in one slot and one read. */
  async function readSome(reader: Reader, into: Buffer, slot: number): Promise<number> {
    const piece = pieceAt(layout, reader.at)
    const inPiece = layout.offset + reader.at - piece * layout.pieceLength
    const left = Math.min(pieceSize(layout, piece) - inPiece, reader.end + 1 - reader.at)
    const at = slot * layout.pieceLength + inPiece
    map.pin(piece)
    reading++
    try {
      return await readAt(fd, into, Math.min(left, into.length), at)
    } finally {
      map.unpin(piece)
      reading--
      closeDescriptor()
      // Its slot could not be taken while this read ran: whoever found none looks again.
      if (!readers.has(reader)) changed()
    }
  }

  function openReader(range: ByteRange, window: number): ByteReader {
    const reader: Reader = { at: range.start, end: range.end, window }
    readers.add(reader)
    plan()
    const isOpen = (): boolean => readers.has(reader)
    return {
      async read(into) {
        for (;;) {
          if (!isOpen()) throw new Fault('INTERNAL', { message: 'The reader was closed.' })
          if (reader.at > reader.end) return 0
          // The descriptor may be gone, and its number another file's.
          if (closed && failure) throw failure
          const before = pieceAt(layout, reader.at)
          const slot = map.slotOf(before)
          if (slot !== undefined) {
            const got = await readSome(reader, into, slot)
            if (got === 0)
              throw new Fault('INTERNAL', { message: 'A slot is shorter than its piece.' })
            reader.at += got
            if (isOpen() && reader.at <= reader.end && pieceAt(layout, reader.at) !== before) plan()
            return got
          }
          if (failure) throw failure
          await wake.promise
          // A slot may have come free of another reader meanwhile.
          if (isOpen() && !closed && !map.has(before)) plan()
        }
      },
      close() {
        if (!readers.delete(reader)) return
        changed()
        if (!closed) plan()
      },
    }
  }

  const file: SupervisedSlotFile = {
    path,
    layout,
    map,
    ended: ended.promise,
    times,
    peerConnected: times.peerConnected,
    get progress() {
      return progress
    },
    get capacity() {
      return map.capacity
    },
    grow(capacity) {
      map.grow(capacity)
    },
    reader: openReader,
    verified(pieces, generation) {
      times.pieceReceived()
      for (const piece of pieces) map.verified(piece, generation)
      changed()
    },
    fail(fault) {
      failure ??= fault
      ended.reject(failure)
      changed()
    },
    report(next) {
      progress = next
    },
    resumed: stateReaders,
    async close() {
      if (closed) return
      closed = true
      file.fail(new Fault('ENGINE_DIED', { message: 'The download was ended.' }))
      closeDescriptor()
      port.gone()
    },
  }
  return file
}

/** The windows of all readers, nearest pieces first. */
function wantedPieces(readers: readonly Reader[], layout: PieceLayout): number[] {
  const pieces: number[] = []
  const longest = Math.max(0, ...readers.map((r) => r.window))
  for (let ahead = 0; ahead < longest; ahead++) {
    for (const { at, end, window } of readers) {
      const piece = pieceAt(layout, at) + ahead
      if (ahead < window && at <= end && piece <= pieceAt(layout, end)) pieces.push(piece)
    }
  }
  return pieces
}
