import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import type { BytesPlayable } from './playable.ts'

/** Told what happens to a playable. */
export interface PlayableObserver {
  /** With the first bytes. */
  firstByte?(bytes: number): void
  noFirstByte?(error: unknown): void
  /** How long a read of a running download took, in milliseconds, and what it gave; of one that failed: 0. */
  waited?(ms: number, bytes: number): void
  ended?(): void
}

/**
 * Ties a playable to its viewer. Whichever comes first, the release() of the response or the leaving
 * of the viewer, closes every reader and gives back what the playable has taken, once.
 */
export function watchPlayable(
  inner: BytesPlayable,
  gone: AbortSignal,
  observer: PlayableObserver = {},
): BytesPlayable {
  const watch = new PlayableWatch(inner, gone, observer)
  return {
    ...inner,
    read: (range) => watch.read(range),
    release: watch.release,
  }
}

class PlayableWatch {
  readonly #inner: BytesPlayable
  readonly #gone: AbortSignal
  readonly #observer: PlayableObserver
  readonly #readers: ByteReader[] = []
  #released = false
  #hasFirstByte = false

  constructor(inner: BytesPlayable, gone: AbortSignal, observer: PlayableObserver) {
    this.#inner = inner
    this.#gone = gone
    this.#observer = observer
    gone.addEventListener('abort', this.release, { once: true })
    if (gone.aborted) this.release()
  }

  readonly release = (): void => {
    if (this.#released) return
    this.#released = true
    this.#gone.removeEventListener('abort', this.release)
    for (const reader of this.#readers) reader.close()
    this.#inner.release()
    this.#observer.ended?.()
  }

  read(range: ByteRange): ByteReader {
    if (this.#released) throw new Error('read after release')
    const reader = this.#inner.read(range)
    this.#readers.push(reader)
    return {
      read: (into) => this.#read(reader, into),
      close: () => this.#close(reader),
    }
  }

  /** The hot path: no promise of our own around the reads of a file on disk. */
  #read(reader: ByteReader, into: Buffer): Promise<number> {
    if (!this.#hasFirstByte) return this.#firstRead(reader, into)
    const { from } = this.#inner
    const isHere = from === 'disk' || from === 'path'
    return isHere ? reader.read(into) : this.#timedRead(reader, into)
  }

  async #firstRead(reader: ByteReader, into: Buffer): Promise<number> {
    try {
      const got = await reader.read(into)
      if (!this.#hasFirstByte) this.#observer.firstByte?.(got)
      this.#hasFirstByte = true
      return got
    } catch (error) {
      if (!this.#hasFirstByte && !this.#released) this.#observer.noFirstByte?.(error)
      throw error
    }
  }

  async #timedRead(reader: ByteReader, into: Buffer): Promise<number> {
    const since = performance.now()
    let got = 0
    try {
      got = await reader.read(into)
      return got
    } finally {
      this.#observer.waited?.(performance.now() - since, got)
    }
  }

  #close(reader: ByteReader): void {
    const at = this.#readers.indexOf(reader)
    if (at >= 0) this.#readers.splice(at, 1)
    reader.close()
  }
}
