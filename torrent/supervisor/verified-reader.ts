import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceAt,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { asFault, Fault } from '../../common/errors.ts'
import { readAt } from '../../common/read-at.ts'

/** What the readers of one arriving file share. */
export interface DownloadingFile {
  readonly layout: PieceLayout
  readonly have: Bitfield
  /** Descriptor of the file, once it is open. */
  descriptor(): Promise<number>
  /** Resolves when something changed: a piece came, or the download ended. */
  changed(piece: number): Promise<void>
  /** Why no more pieces will come. */
  readonly failure: Fault | undefined
}

export interface VerifiedReader extends ByteReader {
  /** The next byte it wants. */
  readonly at: number
  readonly end: number
}

/**
 * Reads verified bytes in order and waits for those that are still missing.
 * @param moved called when it has gone on to another piece
 * @param closed called once
 */
export function createVerifiedReader(
  range: ByteRange,
  file: DownloadingFile,
  moved: () => void,
  closed: (reader: VerifiedReader) => void,
): VerifiedReader {
  let at = range.start
  let open = true
  let wake: (() => void) | undefined
  const first = firstPiece(file.layout)

  /** Bytes from `at` on that are verified, up to `most`. */
  function available(most: number): number {
    let piece = pieceAt(file.layout, at)
    if (!file.have.has(piece - first)) return 0
    const limit = Math.min(range.end + 1, at + most)
    let upTo = at
    while (upTo < limit && file.have.has(piece - first)) {
      const { at: start, inside } = pieceInFile(file.layout, piece++)
      upTo = start + inside
    }
    return Math.min(upTo, limit) - at
  }

  const reader: VerifiedReader = {
    get at() {
      return at
    },
    end: range.end,
    async read(into) {
      for (;;) {
        if (!open) throw new Fault('INTERNAL', { message: 'The reader was closed.' })
        if (at > range.end) return 0
        const bytes = available(into.length)
        if (bytes > 0) return await take(into, bytes)
        if (file.failure) throw file.failure
        const ended = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([file.changed(pieceAt(file.layout, at)), ended])
      }
    },
    close() {
      if (!open) return
      open = false
      wake?.()
      closed(reader)
    },
  }

  async function take(into: Buffer, bytes: number): Promise<number> {
    const got = await file
      .descriptor()
      .then((fd) => readAt(fd, into, bytes, at))
      .catch((err: unknown) => Promise.reject(asFault(err)))
    if (got === 0) throw new Fault('INTERNAL', { message: 'A verified piece is not on disk.' })
    const before = pieceAt(file.layout, at)
    at += got
    if (at <= range.end && pieceAt(file.layout, at) !== before) moved()
    return got
  }
  return reader
}
