import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'

/** Where the bytes of a content are read now: the download, or the disk once it was published. */
export interface ByteSource {
  read(range: ByteRange): ByteReader
}

export interface ReadTimeouts {
  /** How long this read may wait, in milliseconds, and what it means when nothing came. */
  next(): { readonly ms: number; readonly late: FaultCode }
  /** Bytes came. */
  bytesArrived(): void
}

/** Until the first byte the play's own deadline counts, after it the stall time. */
export function createReadTimeouts(msToFirstByte: () => number, stallMs: number): ReadTimeouts {
  let first = true
  return {
    next: () =>
      first
        ? { ms: Math.max(0, msToFirstByte()), late: 'NO_FIRST_BYTE' }
        : { ms: stallMs, late: 'STALLED' },
    bytesArrived() {
      first = false
    },
  }
}

/**
 * Reads an arriving content, and goes on from disk when it was published under way.
 * A late read is ended through its reader and waited for: the caller's buffer must not be written
 * to by a read that was given up.
 * @throws Fault NO_FIRST_BYTE, STALLED, and what the source throws
 */
export function createWatchedReader(
  range: ByteRange,
  source: () => ByteSource,
  timeouts: ReadTimeouts,
): ByteReader {
  let at = range.start
  let from: ByteSource | undefined
  let inner: ByteReader | undefined
  let late: FaultCode | undefined
  let closed = false

  function current(): ByteReader {
    const now = source()
    if (inner && now === from) return inner
    inner?.close()
    from = now
    inner = now.read({ start: at, end: range.end })
    return inner
  }

  async function pull(into: Buffer): Promise<number> {
    for (;;) {
      try {
        return await current().read(into)
      } catch (error) {
        // Published and closed while this read waited: the same bytes are on disk.
        if (closed || late || source() === from) throw error
      }
    }
  }

  async function read(into: Buffer): Promise<number> {
    if (closed) throw new Error('read after close')
    if (late) throw new Fault(late)
    if (at > range.end) return 0
    const wait = timeouts.next()
    const timer = setTimeout(() => {
      late = wait.late
      inner?.close()
    }, wait.ms)
    try {
      const got = await pull(into)
      if (got === 0) throw new Error('the source ended before the range')
      at += got
      timeouts.bytesArrived()
      return got
    } catch (error) {
      throw late ? new Fault(late, {}, { cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    read,
    close() {
      closed = true
      inner?.close()
    },
  }
}
