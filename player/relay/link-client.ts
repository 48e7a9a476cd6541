import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { OutboundStreams } from '../../common/network/outbound.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { type LinkFacts, readLinkAnswer, refuseText } from './relay-answer.ts'
import { relayHeaders } from './relay-headers.ts'
import { StreamReader } from './stream-reader.ts'

/** The link of a source whose locator is a `url`. */
export interface Link {
  readonly url: string
  readonly source: Pick<NumberedSource, 'proxyHeaders'>
  /** What our requests carry, so that nobody asks themselves in a circle. */
  readonly hops: string
  /** Told before each question. @throws Fault TOO_MANY_REQUESTS where somebody may ask no more */
  asks?(): void
}

/** Which bytes of a link are asked for, and of which file. */
interface Part {
  readonly from: number
  /** The last one; undefined: to the end. */
  readonly to?: number | undefined
  readonly ifRange?: string | undefined
}

interface Known {
  readonly facts: LinkFacts
  /** Steady-clock milliseconds. */
  readonly until: number
}

/** A player asks for one range after the other: what a link is, is asked once in so long. */
const FACTS_TTL_MS = 600_000
const MAX_LINKS = 1000
/** Of a connection and the headers of the answer. */
const ANSWER_MS = 15_000

/** Asks other servers for the bytes of links, and remembers for a while what these are. */
export class LinkClient {
  readonly #outbound: OutboundStreams
  readonly #clock: Pick<Clock, 'steady'>
  readonly #known = new LRUCache<string, Known>({ max: MAX_LINKS })

  constructor(outbound: OutboundStreams, clock: Pick<Clock, 'steady'>) {
    this.#outbound = outbound
    this.#clock = clock
  }

  /** What is known from an earlier question; asks nobody. */
  known(url: string): LinkFacts | undefined {
    const known = this.#known.get(url)
    return known && this.#clock.steady() < known.until ? known.facts : undefined
  }

  remember(url: string, facts: LinkFacts): void {
    this.#known.set(url, { facts, until: this.#clock.steady() + FACTS_TTL_MS })
  }

  /** @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED, TOO_MANY_REQUESTS */
  async ask(
    link: Link,
    part: Part,
    signal: AbortSignal,
  ): Promise<{ readonly facts: LinkFacts; readonly body: Readable }> {
    link.asks?.()
    const answer = await this.#outbound.open(link.url, {
      signal,
      timeoutMs: ANSWER_MS,
      headers: relayHeaders(link.source, { ...part, hops: link.hops }),
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

  /** The body from a byte on, of the very file that was promised. @throws Fault UPSTREAM_FAILED, TOO_MANY_REQUESTS */
  async openSame(
    link: Link,
    facts: LinkFacts,
    part: Part,
    signal: AbortSignal,
  ): Promise<StreamReader> {
    const { facts: now, body } = await this.ask(
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
}

/** @throws Error for a source of another kind */
export function addressOf({ locator }: NumberedSource): string {
  if (locator.kind !== 'url') throw new Error('only links are relayed')
  return locator.url
}
