import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { ByteRange } from '../../common/byte-reader.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { nextHops } from '../../common/network/loop-header.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { IdleWatch } from '../files/idle-watch.ts'
import type { BytesPlayable, HeadAnswer } from '../files/playable.ts'
import { createReadTimeouts, WatchedReader } from '../files/watched-reader.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { addressOf, type Link, type LinkClient } from './link-client.ts'
import { type LinkFacts, nameWithType } from './relay-answer.ts'
import { type RelayPlace, RelayPlaces } from './relay-places.ts'
import { type OpenBody, RelayReader } from './relay-reader.ts'
import { StreamReader } from './stream-reader.ts'

export interface RelayParts {
  readonly links: LinkClient
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  /** A viewer that takes nothing for so long gives its place to one that waits, in milliseconds. */
  readonly idleViewerMs: number
  /** How many links are relayed at once, to all viewers together. */
  readonly maxRelays: number
  readonly clock: Pick<Clock, 'steady'>
}

interface RelayedLink extends Link {
  readonly source: NumberedSource
}

/**
 * Plays links that viewers must not learn (docs/decisions/0021-secrets-stay.md): this server asks for
 * the bytes, and sends them as those of any file. Nothing of it is kept.
 */
export class Relay {
  readonly #parts: RelayParts
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
    const asks = () => this.#places.countQuestion(viewer.address)
    const link: RelayedLink = { url: addressOf(source), source, hops, asks }
    const { links } = this.#parts
    const place = await this.#places.take(viewer)
    try {
      const known = links.known(link.url)
      if (known) return this.#playable(link, known, viewer, place)
      await viewer.startCold()
      const late = () => 'NO_FIRST_BYTE' as const
      const first = await viewer.wait(links.ask(link, { from: 0 }, viewer.signal), late)
      const { facts, body } = first
      links.remember(link.url, facts)
      return this.#playable(link, facts, viewer, place, body)
    } catch (error) {
      place.release()
      throw error
    }
  }

  /** What is known from an earlier play; asks nobody. */
  head(source: NumberedSource): HeadAnswer {
    const facts = this.#parts.links.known(addressOf(source))
    const size = facts?.size ?? source.size
    return {
      kind: 'bytes',
      name: nameWithType(source.filename ?? '', facts?.type ?? ''),
      ...(size !== undefined && { size }),
      ...(facts?.etag !== undefined && { etag: etagOf(source, facts) }),
      whole: facts?.ranged === false,
    }
  }

  /** @param first a body from the first byte on, for the reader that begins there */
  #playable(
    link: RelayedLink,
    facts: LinkFacts,
    viewer: Viewer,
    place: RelayPlace,
    first?: Readable,
  ): BytesPlayable {
    const { links, stallMs, idleViewerMs, clock } = this.#parts
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
        const again: OpenBody = (from, signal) => links.openSame(link, facts, { from, to }, signal)
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
      measuredAs: source.key,
      read: (range) => idle.watch(new WatchedReader(range, () => bytes, timeouts, endedBy)),
      release() {
        idle.end()
        body?.destroy()
        place.release()
      },
    }
  }
}

/** Ours: the other server's own may hold anything. */
function etagOf({ key }: NumberedSource, { etag, size }: LinkFacts): string {
  const digest = createHash('sha256').update(`${key}\n${etag}\n${size}`).digest('hex')
  return `"r-${digest.slice(0, 32)}"`
}
