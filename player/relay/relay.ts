import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { ByteRange } from '../../common/byte-reader.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { nextHops } from '../../common/network/loop-header.ts'
import type { OutboundStreams } from '../../common/network/outbound.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { IdleWatch } from '../files/idle-watch.ts'
import type { BytesPlayable, HeadAnswer } from '../files/playable.ts'
import { createReadTimeouts, WatchedReader } from '../files/watched-reader.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { type LinkFacts, nameWithType, readLinkAnswer, refuseText } from './relay-answer.ts'
import { relayHeaders } from './relay-headers.ts'
import { type RelayPlace, RelayPlaces } from './relay-places.ts'
import { type OpenBody, RelayReader } from './relay-reader.ts'
import { StreamReader } from './stream-reader.ts'

export interface RelayParts {
  readonly outbound: OutboundStreams
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  /** A viewer that takes nothing for so long gives its place to one that waits, in milliseconds. */
  readonly idleViewerMs: number
  /** How many links are relayed at once, to all viewers together. */
  readonly maxRelays: number
  readonly clock: Pick<Clock, 'steady'>
}

/** A player asks for one range after the other: what a link is, is asked once in so long. */
const FACTS_TTL_MS = 600_000
const MAX_LINKS = 1000
/** Of a connection and the headers of the answer. */
const ANSWER_MS = 15_000

interface Known {
  readonly facts: LinkFacts
  /** Steady-clock milliseconds. */
  readonly until: number
}

/** The link of a source whose locator is a `url`. */
interface Link {
  readonly url: string
  readonly source: NumberedSource
  /** What our requests carry, so that nobody asks themselves in a circle. */
  readonly hops: string
  /** Who asks, where that is counted. */
  readonly address: string | undefined
}

/** Which bytes of a link are asked for, and of which file. */
interface Part {
  readonly from: number
  /** The last one; undefined: to the end. */
  readonly to?: number | undefined
  readonly ifRange?: string | undefined
}

/**
 * Plays links that viewers must not learn (docs/decisions/0021-secrets-stay.md): this server asks for
 * the bytes, and sends them as those of any file. Nothing of it is kept.
 */
export class Relay {
  readonly #parts: RelayParts
  readonly #known = new LRUCache<string, Known>({ max: MAX_LINKS })
  readonly #places: RelayPlaces

  constructor(parts: RelayParts) {
    this.#parts = parts
    this.#places = new RelayPlaces(parts.maxRelays, parts.clock)
  }

  /**
   * @param cameThrough the value of LOOP_HEADER in the viewer's request
   * @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED (also for a circle), NO_FIRST_BYTE,
   *   TOO_MANY_REQUESTS, TOO_MANY_ARRIVALS
   */
  async open(
    source: NumberedSource,
    viewer: Viewer,
    cameThrough?: unknown,
  ): Promise<BytesPlayable> {
    const hops = nextHops(cameThrough)
    if (hops === undefined) {
      throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('relayed link: a circle') })
    }
    const link = { url: addressOf(source), source, hops, address: viewer.address }
    const place = await this.#places.take(viewer)
    try {
      const known = this.#factsOf(link.url)
      if (known) return this.#playable(link, known, viewer, place)
      await viewer.startCold()
      const late = () => 'NO_FIRST_BYTE' as const
      const first = await viewer.wait(this.#ask(link, { from: 0 }, viewer.signal), late)
      const { facts, body } = first
      this.#known.set(link.url, { facts, until: this.#parts.clock.steady() + FACTS_TTL_MS })
      return this.#playable(link, facts, viewer, place, body)
    } catch (error) {
      place.release()
      throw error
    }
  }

  /** What is known from an earlier play; asks nobody. */
  head(source: NumberedSource): HeadAnswer {
    const facts = this.#factsOf(addressOf(source))
    const size = facts?.size ?? source.size
    return {
      kind: 'bytes',
      name: nameWithType(source.filename ?? '', facts?.type ?? ''),
      ...(size !== undefined && { size }),
      ...(facts?.etag !== undefined && { etag: etagOf(source, facts) }),
      whole: facts?.ranged === false,
    }
  }

  #factsOf(url: string): LinkFacts | undefined {
    const known = this.#known.get(url)
    return known && this.#parts.clock.steady() < known.until ? known.facts : undefined
  }

  /** @param first a body from the first byte on, for the reader that begins there */
  #playable(
    link: Link,
    facts: LinkFacts,
    viewer: Viewer,
    place: RelayPlace,
    first?: Readable,
  ): BytesPlayable {
    const { stallMs, idleViewerMs, clock } = this.#parts
    const { source } = link
    const timeouts = createReadTimeouts(() => viewer.firstByteBy - clock.steady(), stallMs)
    const idle = new IdleWatch(idleViewerMs, (isIdle) => place.setIdle(isIdle))
    let body = first
    const bytes = {
      read: (range: ByteRange) => {
        const begun = range.start === 0 ? body : undefined
        if (!begun) body?.destroy()
        body = undefined
        const to = range.end < facts.size - 1 ? range.end : undefined
        const again: OpenBody = (from, signal) => this.#openSame(link, facts, { from, to }, signal)
        const reader = new RelayReader(range, again, begun && new StreamReader(begun))
        place.whenEnded(() => reader.close())
        return reader
      },
    }
    const endedBy = () => place.endedBy
    return {
      kind: 'bytes',
      from: 'relay',
      name: nameWithType(source.filename ?? '', facts.type),
      size: facts.size,
      etag: facts.etag === undefined ? undefined : etagOf(source, facts),
      whole: !facts.ranged,
      read: (range) => idle.watch(new WatchedReader(range, () => bytes, timeouts, endedBy)),
      release() {
        idle.end()
        body?.destroy()
        place.release()
      },
    }
  }

  /** The body from a byte on, of the very file that was promised. @throws Fault UPSTREAM_FAILED, TOO_MANY_REQUESTS */
  async #openSame(link: Link, facts: LinkFacts, part: Part, signal: AbortSignal) {
    const { facts: now, body } = await this.#ask(
      link,
      { ...part, ifRange: facts.etag },
      signal,
    ).catch((error: unknown) => {
      // A viewer that leaves, or asks too often, says nothing about the link: others know it still.
      const isTheirs = error instanceof Fault && error.code !== 'TOO_MANY_REQUESTS'
      if (isTheirs && !signal.aborted) this.#known.delete(link.url)
      throw error
    })
    if (now.size === facts.size && now.etag === facts.etag) return new StreamReader(body)
    body.destroy()
    this.#known.delete(link.url)
    throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('relayed link: another file now') })
  }

  /** @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED, TOO_MANY_REQUESTS */
  async #ask({ url, source, hops, address }: Link, part: Part, signal: AbortSignal) {
    this.#places.countQuestion(address)
    const answer = await this.#parts.outbound.open(url, {
      signal,
      timeoutMs: ANSWER_MS,
      headers: relayHeaders(source, { ...part, hops }),
    })
    try {
      signal.throwIfAborted()
      const facts = readLinkAnswer(answer, part.from)
      if (part.from === 0 && facts.size > 0) await refuseText(answer.body, signal)
      return { facts, body: answer.body }
    } catch (error) {
      answer.body.destroy()
      throw error
    }
  }
}

function addressOf({ locator }: NumberedSource): string {
  if (locator.kind !== 'url') throw new Error('only links are relayed')
  return locator.url
}

/** Ours: the other server's own may hold anything. */
function etagOf({ key }: NumberedSource, { etag, size }: LinkFacts): string {
  const digest = createHash('sha256').update(`${key}\n${etag}\n${size}`).digest('hex')
  return `"r-${digest.slice(0, 32)}"`
}
