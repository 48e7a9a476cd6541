import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'

/** Where the bytes of a file are read now: the download, or the disk once it has been published. */
export interface ByteSource {
  /** Whether all of that is there now. Absent: all of the file is. */
  has?(range: ByteRange): boolean
  read(range: ByteRange): ByteReader
}

export interface ReadTimeouts {
  /** How long the next read may take, in milliseconds, and the fault when it takes longer. */
  next(): { readonly ms: number; readonly late: FaultCode }
  bytesArrived(): void
}

/** Until the first byte the deadline of the play counts, after it the stall time. */
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
 * Reads a file that is being downloaded, and goes on from disk when it has been published meanwhile.
 * A read that takes too long is ended by closing its reader, and then waited for: once read() has
 * settled, nothing writes to the caller's buffer any more.
 */
export class WatchedReader implements ByteReader {
  readonly #source: () => ByteSource
  readonly #timeouts: ReadTimeouts
  readonly #end: number
  readonly #endedBy: () => unknown
  #at: number
  #from: ByteSource | undefined
  #inner: ByteReader | undefined
  /** Why it timed out. */
  #late: FaultCode | undefined
  #closed = false

  /** @param endedBy why the source gives nothing more, when its owner has ended it */
  constructor(
    range: ByteRange,
    source: () => ByteSource,
    timeouts: ReadTimeouts,
    endedBy: () => unknown = () => undefined,
  ) {
    this.#source = source
    this.#timeouts = timeouts
    this.#endedBy = endedBy
    this.#at = range.start
    this.#end = range.end
  }

  /** @throws Fault NO_FIRST_BYTE, STALLED, and what the source throws */
  async read(into: Buffer): Promise<number> {
    if (this.#closed) throw new Error('read after close')
    if (this.#late) throw new Fault(this.#late)
    if (this.#at > this.#end) return 0
    const { ms, late } = this.#timeouts.next()
    const stop = afterRunning(ms, () => {
      this.#late = late
      this.#inner?.close()
    })
    try {
      const got = await this.#readOnce(into)
      if (got === 0) throw new Error('the source ended before the range')
      this.#at += got
      this.#timeouts.bytesArrived()
      return got
    } catch (error) {
      if (this.#late) throw new Fault(this.#late, {}, { cause: error })
      const reason = this.#endedBy()
      const says = reason instanceof Fault || reason instanceof FetchedElsewhere
      throw says ? reason : error
    } finally {
      stop()
    }
  }

  close(): void {
    this.#closed = true
    this.#inner?.close()
  }

  async #readOnce(into: Buffer): Promise<number> {
    for (;;) {
      try {
        return await this.#current().read(into)
      } catch (error) {
        // Published while this read waited, which closed its reader: the same bytes are on disk.
        if (this.#closed || this.#late || this.#source() === this.#from) throw error
      }
    }
  }

  #current(): ByteReader {
    const source = this.#source()
    if (this.#inner && source === this.#from) return this.#inner
    this.#inner?.close()
    this.#from = source
    this.#inner = source.read({ start: this.#at, end: this.#end })
    return this.#inner
  }
}

/** Of a time that is waited for, the part that is looked at in one go; at most so many milliseconds. */
const SLICES = 5
const LONGEST_SLICE_MS = 1_000

/**
 * After so long a time in which this process ran: one that was paused (a container, a machine that is moved) finds all
 * its timers due, and what has come meanwhile still unread. A pause counts as one slice.
 */
function afterRunning(ms: number, then: () => void): () => void {
  const longest = Math.min(LONGEST_SLICE_MS, ms / SLICES)
  let timer: NodeJS.Timeout
  const wait = (left: number): void => {
    const slice = Math.min(left, longest)
    timer = setTimeout(() => (left > slice ? wait(left - slice) : then()), slice)
  }
  wait(ms)
  return () => clearTimeout(timer)
}
