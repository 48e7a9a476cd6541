import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import { NodeUnreachable } from '../../cluster/node-refusal.ts'
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
/** A swarm that gives nothing for so long is not waited for where another node has the file by then. */
const LOOK_MS = 3_000

/** What else a play may be read from. */
export interface Elsewhere {
  /** Opens the play again; `found`: at that node first. */
  open(found?: FetchedElsewhere): Promise<Playable>
  /** Another node that has the whole file. Never rejects. */
  look(): Promise<FetchedElsewhere | undefined>
  /** A play goes on, elsewhere than it began. */
  tookOver(): void
  /** Between two looks, in milliseconds; tests shorten it. */
  readonly lookMs?: number
}

/**
 * A play that outlives the node that it is read from: where that one breaks off, the same play is opened
 * again, wherever its bytes are now, and read on from the same byte. So is one whose swarm gives nothing.
 */
export class LastingPlayable implements BytesPlayable {
  readonly kind = 'bytes'
  readonly from: BytesPlayable['from']
  readonly name: string
  readonly size: number
  readonly etag: string | undefined
  readonly measuredAs?: string
  readonly atNode?: () => PlaceAtNode
  readonly #gone: AbortSignal
  readonly #elsewhere: Elsewhere
  #current: BytesPlayable
  #reopening: Promise<void> | undefined
  #released = false

  constructor(first: BytesPlayable, gone: AbortSignal, elsewhere: Elsewhere) {
    this.from = first.from
    this.name = first.name
    this.size = first.size
    this.etag = first.etag
    if (first.measuredAs !== undefined) this.measuredAs = first.measuredAs
    if (first.atNode) this.atNode = first.atNode
    this.#current = first
    this.#gone = gone
    this.#elsewhere = elsewhere
    // They are copied by who wraps a playable, as those of an object literal are.
    this.read = this.read.bind(this)
    this.has = this.has.bind(this)
    this.release = this.release.bind(this)
    this.times = this.times.bind(this)
    this.rate = this.rate.bind(this)
  }

  get current(): BytesPlayable {
    return this.#current
  }

  times(): ReturnType<NonNullable<BytesPlayable['times']>> {
    return this.#current.times?.()
  }

  rate(): number | undefined {
    return this.#current.rate?.()
  }

  has(range: ByteRange): boolean {
    return this.#current.has?.(range) ?? true
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

  /** Looks for another node from time to time, until one is found or the answer is called. */
  watch(from: BytesPlayable, found: (elsewhere: FetchedElsewhere) => void): () => void {
    if (from.from !== 'swarm') return () => {}
    const { look, lookMs = LOOK_MS } = this.#elsewhere
    let ended = false
    const timer = setInterval(async () => {
      const elsewhere = await look()
      if (elsewhere && !ended) found(elsewhere)
    }, lookMs)
    return () => {
      ended = true
      clearInterval(timer)
    }
  }

  /**
   * Resolves when another one is in the place of the one that failed.
   * @param found where it may be had
   * @throws what opening it throws
   */
  replace(failed: BytesPlayable, found?: FetchedElsewhere): Promise<void> {
    if (failed !== this.#current) return Promise.resolve()
    this.#reopening ??= this.#openAgain(found).finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #openAgain(found?: FetchedElsewhere): Promise<void> {
    // First: a share in a download that has ended must not keep the next one from beginning.
    this.#current.release()
    const next = await this.#elsewhere.open(found)
    if (next.kind !== 'bytes') throw new Fault('UPSTREAM_FAILED')
    if (this.#released || next.etag !== this.etag || next.size !== this.size) {
      next.release()
      throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('another file in its place') })
    }
    this.#current = next
    this.#elsewhere.tookOver()
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
      const reader = this.#readerOf(from)
      let found: FetchedElsewhere | undefined
      const end = this.#playable.watch(from, (elsewhere) => {
        found ??= elsewhere
        reader.close()
      })
      try {
        const got = await reader.read(into)
        this.#at += got
        this.#failures = 0
        // Bytes have come after all, to a reader that is closed now.
        if (found) this.#reader = undefined
        return got
      } catch (error) {
        const mayGoOn = found !== undefined || this.#playable.mayGoOn(from, error)
        if (this.#closed || !mayGoOn || ++this.#failures > MOST_TRIES) throw error
        reader.close()
        this.#reader = undefined
        await this.#playable.replace(from, found)
        if (this.#closed) throw error
      } finally {
        end()
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
