import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { nextHops } from '../../common/network/loop-header.ts'
import type { OutboundStreams } from '../../common/network/outbound.ts'
import type { NumberedSource } from '../../sources/source.ts'
import type { BytesPlayable, HeadAnswer } from '../files/playable.ts'
import { createReadTimeouts, WatchedReader } from '../files/watched-reader.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { type LinkFacts, nameWithType, readLinkAnswer } from './relay-answer.ts'
import { relayHeaders } from './relay-headers.ts'
import { RelayReader } from './relay-reader.ts'

export interface RelayParts {
  readonly outbound: OutboundStreams
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
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
}

/**
 * Plays links that viewers must not learn (docs/decisions/0021-secrets-stay.md): this server asks for
 * the bytes, and sends them as those of any file. Nothing of it is kept.
 */
export class Relay {
  readonly #parts: RelayParts
  readonly #known = new LRUCache<string, Known>({ max: MAX_LINKS })

  constructor(parts: RelayParts) {
    this.#parts = parts
  }

  /**
   * @param cameThrough the value of LOOP_HEADER in the viewer's request
   * @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED (also for a circle), NO_FIRST_BYTE, TOO_MANY_REQUESTS
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
    const link = { url: addressOf(source), source, hops }
    const known = this.#factsOf(link.url)
    if (known) return this.#playable(link, known, viewer)
    await viewer.startCold()
    const late = () => 'NO_FIRST_BYTE' as const
    const first = await viewer.wait(this.#ask(link, 0, viewer.signal), late)
    const { facts, body } = first
    this.#known.set(link.url, { facts, until: this.#parts.clock.steady() + FACTS_TTL_MS })
    return this.#playable(link, facts, viewer, body)
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
  #playable(link: Link, facts: LinkFacts, viewer: Viewer, first?: Readable): BytesPlayable {
    const { stallMs, clock } = this.#parts
    const { source } = link
    const timeouts = createReadTimeouts(() => viewer.firstByteBy - clock.steady(), stallMs)
    let body = first
    const openAgain = (from: number, signal: AbortSignal) =>
      this.#openSame(link, facts, from, signal)
    const bytes = {
      read(range: { readonly start: number; readonly end: number }) {
        const begun = range.start === 0 ? body : undefined
        if (!begun) body?.destroy()
        body = undefined
        return new RelayReader(range, openAgain, begun)
      },
    }
    return {
      kind: 'bytes',
      from: 'relay',
      name: nameWithType(source.filename ?? '', facts.type),
      size: facts.size,
      etag: facts.etag === undefined ? undefined : etagOf(source, facts),
      whole: !facts.ranged,
      read: (range) => new WatchedReader(range, () => bytes, timeouts),
      release: () => void body?.destroy(),
    }
  }

  /** The body from a byte on, of the very file that was promised. @throws Fault UPSTREAM_FAILED */
  async #openSame(link: Link, facts: LinkFacts, from: number, signal: AbortSignal) {
    const { facts: now, body } = await this.#ask(link, from, signal, facts.etag).catch((error) => {
      this.#known.delete(link.url)
      throw error
    })
    if (now.size === facts.size && now.etag === facts.etag) return body
    body.destroy()
    this.#known.delete(link.url)
    throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('relayed link: another file now') })
  }

  /** @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED */
  async #ask({ url, source, hops }: Link, from: number, signal: AbortSignal, ifRange?: string) {
    const answer = await this.#parts.outbound.open(url, {
      signal,
      timeoutMs: ANSWER_MS,
      headers: relayHeaders(source, { from, ifRange, hops }),
    })
    try {
      signal.throwIfAborted()
      return { facts: readLinkAnswer(answer, from), body: answer.body }
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
