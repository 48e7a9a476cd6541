import { close as fsClose } from 'node:fs'
import { join } from 'node:path'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { firstPiece } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import { openForReading } from '../../common/read-at.ts'
import type { ReaderPlace } from '../protocol/messages.ts'
import type {
  DownloadEvents,
  DownloadProgress,
  FileDownload,
  Place,
} from '../protocol/torrent-engine.ts'
import { createDownloadTimes } from './download-times.ts'
import { createVerifiedReader, type VerifiedReader } from './verified-reader.ts'

/** The main process' side of one content: its piece map, its readers, its descriptor. */
export interface SupervisedDownload extends FileDownload {
  readonly place: Place
  /** The engine has looked at what is on disk. */
  opened(have: Uint8Array): void
  verified(pieces: readonly number[]): void
  fail(fault: Fault): void
  report(progress: DownloadProgress): void
  /** A first peer is there. */
  peerConnected(): void
  /**
   * Another engine has taken over and knows where the bytes are, but not the readers. It may have
   * found more pieces: of a boundary piece, those of the neighbour file.
   */
  resumed(have: Uint8Array): void
}

/**
 * @param tell states the readers' places to the engine
 * @param gone called once when it is closed; resolves when nothing is written any more
 */
export function createSupervisedDownload(
  place: Place,
  events: DownloadEvents,
  tell: (readers: readonly ReaderPlace[]) => void,
  gone: () => Promise<void>,
): SupervisedDownload {
  const { layout } = place
  const first = firstPiece(layout)
  const have = new Bitfield(place.have.length)
  const readers = new Set<VerifiedReader>()
  const waiting = new Map<number, (() => void)[]>()
  const finished = Promise.withResolvers<void>()
  // Whoever does not wait for the end must not crash the process by it.
  finished.promise.catch(() => {})
  let progress: DownloadProgress = { peers: 0, bytesPerSecond: 0 }
  const times = createDownloadTimes()
  let failure: Fault | undefined
  let closed: Promise<void> | undefined
  let fd: Promise<number> | undefined
  let reading = 0

  const wake = (piece: number): void => {
    const list = waiting.get(piece)
    waiting.delete(piece)
    for (const go of list ?? []) go()
  }
  const wakeAll = (): void => {
    for (const piece of [...waiting.keys()]) wake(piece)
  }
  const states = (): void => {
    if (!closed) tell([...readers].map((r) => ({ at: r.at, end: r.end })))
  }
  const descriptor = (): Promise<number> => {
    fd ??= openForReading(join(place.folder, `${place.fileIdx}`))
    return fd
  }
  const closeDescriptor = (): void => {
    if (!closed || readers.size > 0 || reading > 0) return
    const open = fd
    fd = undefined
    open?.then((n) => fsClose(n, () => {})).catch(() => {})
  }

  return {
    place,
    layout,
    have,
    get progress() {
      return progress
    },
    times,
    peerConnected: times.peerConnected,
    finished: finished.promise,
    reader(range: ByteRange): ByteReader {
      const reader = createVerifiedReader(
        range,
        {
          layout,
          have,
          async descriptor() {
            return descriptor()
          },
          changed: (piece) =>
            new Promise<void>((resolve) => {
              const list = waiting.get(piece)
              if (list) list.push(resolve)
              else waiting.set(piece, [resolve])
            }),
          get failure() {
            return failure
          },
        },
        states,
        (gone) => {
          readers.delete(gone)
          states()
          closeDescriptor()
        },
      )
      readers.add(reader)
      states()
      return countReads(reader)
    },
    opened(bytes) {
      const real = new Bitfield(have.length, bytes)
      const gained: number[] = []
      const lost: number[] = []
      for (let i = 0; i < real.length; i++) {
        if (real.has(i) && !place.have.has(i)) gained.push(first + i)
        if (!real.has(i) && place.have.has(i)) lost.push(first + i)
        if (real.has(i) && place.have.has(i)) have.set(i)
      }
      if (lost.length > 0) events.missing(lost)
      if (gained.length > 0) this.verified(gained)
      if (have.complete) finished.resolve()
      wakeAll()
      states()
    },
    verified(pieces) {
      times.pieceReceived()
      events.verified(pieces)
      for (const piece of pieces) {
        have.set(piece - first)
        wake(piece)
      }
      if (have.complete) finished.resolve()
    },
    fail(fault) {
      failure ??= fault
      finished.reject(failure)
      wakeAll()
    },
    resumed(bytes) {
      const real = new Bitfield(have.length, bytes)
      const gained: number[] = []
      for (let i = 0; i < real.length; i++) if (real.has(i) && !have.has(i)) gained.push(first + i)
      if (gained.length > 0) this.verified(gained)
      states()
    },
    report(next) {
      progress = next
    },
    async close() {
      if (!closed) {
        closed = gone()
        this.fail(new Fault('ENGINE_DIED', { message: 'The download was ended.' }))
        closeDescriptor()
      }
      await closed
    },
  }

  /** The descriptor may be closed only when no read of it is running. */
  function countReads(reader: VerifiedReader): ByteReader {
    return {
      async read(into) {
        reading++
        try {
          return await reader.read(into)
        } finally {
          reading--
          closeDescriptor()
        }
      },
      close: () => reader.close(),
    }
  }
}
