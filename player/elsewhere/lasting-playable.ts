import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { NodeUnreachable } from '../../cluster/node-client.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { BytesPlayable, PlaceAtNode, Playable } from '../files/playable.ts'

/** Of a play at another node: the way there broke, or who was there has gone. */
const OF_THE_WAY: ReadonlySet<FaultCode> = new Set([
  'UPSTREAM_FAILED',
  'ANOTHER_NODE',
  'DRAINING',
  'STALLED',
  'NO_FIRST_BYTE',
])
/** So often in a row without a byte in between. */
const MOST_TRIES = 5

/**
 * A play that outlives the node that it is read from: where that one breaks off, the same play is opened
 * again, wherever its bytes are now, and read on from the same byte.
 */
export class LastingPlayable implements BytesPlayable {
  readonly kind = 'bytes'
  readonly from: BytesPlayable['from']
  readonly name: string
  readonly size: number
  readonly etag: string | undefined
  readonly atNode?: () => PlaceAtNode
  readonly #gone: AbortSignal
  readonly #reopen: () => Promise<Playable>
  #current: BytesPlayable
  #reopening: Promise<void> | undefined
  #released = false

  constructor(first: BytesPlayable, gone: AbortSignal, reopen: () => Promise<Playable>) {
    this.from = first.from
    this.name = first.name
    this.size = first.size
    this.etag = first.etag
    if (first.atNode) this.atNode = first.atNode
    this.#current = first
    this.#gone = gone
    this.#reopen = reopen
    // They are copied by who wraps a playable, as those of an object literal are.
    this.read = this.read.bind(this)
    this.release = this.release.bind(this)
    this.times = this.times.bind(this)
  }

  get current(): BytesPlayable {
    return this.#current
  }

  times(): ReturnType<NonNullable<BytesPlayable['times']>> {
    return this.#current.times?.()
  }

  read(range: ByteRange): ByteReader {
    return new LastingReader(this, range)
  }

  release(): void {
    this.#released = true
    this.#current.release()
  }

  /** Whether what a read of that playable threw may be different elsewhere. */
  mayGoOn(failed: BytesPlayable, error: unknown): boolean {
    if (this.#released || this.#gone.aborted) return false
    if (error instanceof FetchedElsewhere || error instanceof NodeUnreachable) return true
    return failed.from === 'node' && error instanceof Fault && OF_THE_WAY.has(error.code)
  }

  /** Resolves when another one is in the place of the one that failed. @throws what opening it throws */
  replace(failed: BytesPlayable): Promise<void> {
    if (failed !== this.#current) return Promise.resolve()
    this.#reopening ??= this.#openAgain().finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #openAgain(): Promise<void> {
    // First: a share in a download that has ended must not keep the next one from beginning.
    this.#current.release()
    const next = await this.#reopen()
    if (next.kind !== 'bytes') throw new Fault('UPSTREAM_FAILED')
    if (this.#released || next.etag !== this.etag || next.size !== this.size) {
      next.release()
      throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('another file in its place') })
    }
    this.#current = next
  }
}

class LastingReader implements ByteReader {
  readonly #playable: LastingPlayable
  readonly #end: number
  #at: number
  #from: BytesPlayable | undefined
  #reader: ByteReader | undefined
  #failures = 0
  #closed = false

  constructor(playable: LastingPlayable, range: ByteRange) {
    this.#playable = playable
    this.#at = range.start
    this.#end = range.end
  }

  async read(into: Buffer): Promise<number> {
    for (;;) {
      const from = this.#playable.current
      try {
        const got = await this.#readerOf(from).read(into)
        this.#at += got
        this.#failures = 0
        return got
      } catch (error) {
        const goesOn = ++this.#failures <= MOST_TRIES && this.#playable.mayGoOn(from, error)
        if (this.#closed || !goesOn) throw error
        this.#reader?.close()
        this.#reader = undefined
        await this.#playable.replace(from)
        if (this.#closed) throw error
      }
    }
  }

  close(): void {
    this.#closed = true
    this.#reader?.close()
  }

  #readerOf(from: BytesPlayable): ByteReader {
    if (this.#reader && from === this.#from) return this.#reader
    this.#reader?.close()
    this.#from = from
    this.#reader = from.read({ start: this.#at, end: this.#end })
    return this.#reader
  }
}
