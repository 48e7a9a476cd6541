import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { type FileKey, parseFileKey } from '../common/bittorrent/file-key.ts'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import { atMost, lastingBy } from '../common/memory/lru-options.ts'

/**
 * Carried by a play that one node hands to another: who hands it over, to whom and for whom, and an HMAC
 * (RFC 2104, SHA-256) over that and the request, by the secret that all nodes share.
 */
export const HANDED_HEADER = 'x-playlink-handed'

/**
 * Carried by what a node asks of whichever node the balancer names (balancer.ts): who asks, and an HMAC over that
 * and path and query, by the same secret. It names no receiver, so whoever takes it says so in the index.
 */
export const ASKED_HEADER = 'x-playlink-asked'

/** What the signature is over, beside what the header says itself. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly target: string
  /** The Range header, as sent; empty: none. */
  readonly range: string
}

/** A play that another node hands over. */
export interface Handed {
  /** Who hands it over. */
  readonly node: string
  /** The viewer, as that node counts it. */
  readonly viewer: string
  /** The file that the receiver is said to have or to fetch, where that is known. */
  readonly key?: FileKey | undefined
}

/** What a ticket lets its bearer read. */
export interface TicketFor {
  /** Path and query of the play, as sent. */
  readonly target: string
  readonly key: FileKey
  /** The viewer, as this node counts it. */
  readonly viewer: string
}

const VERSION = 1
/** How far the clocks of two nodes may be apart, and how long a signature may be on its way. */
export const MOST_SKEW_MS = 30_000
/** A viewer who takes a film in one request takes as long as the film lasts, and nginx asks slice by slice. */
const TICKET_MS = 12 * 60 * 60 * 1000
/** Before a ticket, and in what it is signed over: no method of HTTP is called so (RFC 9110 9.1). */
const TICKET = 'ticket'
/** In what is for whichever node gets it, in the place of a method. */
const ANYBODY = 'anybody'
/** A header of more is none of ours. */
const MAX_HEADER = 2048
/** Signatures that were seen within the time in which they would be believed again. */
const MAX_SEEN = 100_000

const keyShape = z.custom<FileKey>(
  (key) => typeof key === 'string' && parseFileKey(key) !== undefined,
)
/** Who asks whom, for whom. */
const ends = {
  v: z.literal(VERSION),
  node: z.string().min(1).max(200),
  to: z.string().min(1).max(200),
  viewer: z.string().max(300),
}
const payloadShape = z.object({
  ...ends,
  at: z.int(),
  nonce: z.string().length(22),
  key: keyShape.optional(),
})
const ticketShape = z.object({ ...ends, until: z.int(), key: keyShape })

const anybodyShape = payloadShape.pick({ v: true, node: true, at: true, nonce: true })

/** Signs what this node hands over, and checks what is handed to it. */
export class Signatures {
  readonly #secret: string
  readonly #node: string
  readonly #clock: Pick<Clock, 'wall' | 'steady'>
  readonly #seen: LRUCache<string, true>

  constructor(deps: { secret: string; node: string; clock: Pick<Clock, 'wall' | 'steady'> }) {
    const { clock } = deps
    this.#secret = deps.secret
    this.#node = deps.node
    this.#clock = clock
    this.#seen = new LRUCache({ ...atMost(MAX_SEEN), ...lastingBy(clock, 2 * MOST_SKEW_MS) })
  }

  /** The value of HANDED_HEADER. @param to the node that is asked */
  sign(request: SignedRequest, to: string, about: Pick<Handed, 'viewer' | 'key'>): string {
    const payload: z.infer<typeof payloadShape> = {
      v: VERSION,
      node: this.#node,
      to,
      at: this.#clock.wall(),
      nonce: randomBytes(16).toString('base64url'),
      viewer: about.viewer.slice(0, 300),
      key: about.key,
    }
    return this.#sealed(payload, request)
  }

  /**
   * The value of HANDED_HEADER for an nginx that asks another node for a complete file in this one's place
   * (docs/decisions/0037): for that path and file, whatever Range, as often as it likes, for twelve hours.
   */
  ticket({ target, key, viewer }: TicketFor, to: string): string {
    const payload: z.infer<typeof ticketShape> = {
      v: VERSION,
      node: this.#node,
      to,
      until: this.#clock.wall() + TICKET_MS,
      viewer: viewer.slice(0, 300),
      key,
    }
    return `${TICKET}.${this.#sealed(payload, { method: TICKET, target, range: '' })}`
  }

  /** The value of ASKED_HEADER. @param target path and query, as the receiver gets them */
  signToAnybody(target: string): string {
    const payload: z.infer<typeof anybodyShape> = {
      v: VERSION,
      node: this.#node,
      at: this.#clock.wall(),
      nonce: randomBytes(16).toString('base64url'),
    }
    return this.#sealed(payload, { method: ANYBODY, target, range: '' })
  }

  /**
   * Who asks, and a nonce that is new to this node; whether it is new to the others is the caller's to find out.
   * @throws Fault NODE_SIGNATURE, NODE_CLOCK
   */
  verifyToAnybody(
    header: string,
    target: string,
  ): { readonly node: string; readonly nonce: string } {
    if (header.length > MAX_HEADER) throw new Fault('NODE_SIGNATURE')
    const text = this.#signedText(header, { method: ANYBODY, target, range: '' })
    const { data } = anybodyShape.safeParse(readJson(text))
    if (!data) throw new Fault('NODE_SIGNATURE')
    this.#expectFirst(data)
    return data
  }

  /** @throws Fault NODE_SIGNATURE, NODE_CLOCK */
  verify(header: string, request: SignedRequest): Handed {
    if (header.length > MAX_HEADER) throw new Fault('NODE_SIGNATURE')
    const prefix = `${TICKET}.`
    return header.startsWith(prefix)
      ? this.#verifyTicket(header.slice(prefix.length), request)
      : this.#verifyOnce(header, request)
  }

  #verifyTicket(header: string, { method, target }: SignedRequest): Handed {
    const text = this.#signedText(header, { method: TICKET, target, range: '' })
    const { data } = ticketShape.safeParse(readJson(text))
    const mayRead = method === 'GET' || method === 'HEAD'
    if (!mayRead || !data || data.to !== this.#node || data.until < this.#clock.wall()) {
      throw new Fault('NODE_SIGNATURE')
    }
    return { node: data.node, viewer: data.viewer, key: data.key }
  }

  #verifyOnce(header: string, request: SignedRequest): Handed {
    const text = this.#signedText(header, request)
    const { data } = payloadShape.safeParse(readJson(text))
    if (!data || data.to !== this.#node) throw new Fault('NODE_SIGNATURE')
    this.#expectFirst(data)
    return { node: data.node, viewer: data.viewer, key: data.key }
  }

  /** Signed a moment ago, and seen here for the first time. */
  #expectFirst({ at, nonce }: { at: number; nonce: string }): void {
    const skew = at - this.#clock.wall()
    if (Math.abs(skew) > MOST_SKEW_MS) {
      const message = `The clocks of two nodes are ${Math.round(Math.abs(skew) / 1000)} seconds apart; 30 are allowed. Set them right (NTP).`
      throw new Fault('NODE_CLOCK', { message })
    }
    if (this.#seen.has(nonce)) throw new Fault('NODE_SIGNATURE')
    this.#seen.set(nonce, true)
  }

  /** What was written by who has the secret: yet it may be of another version, for another receiver, or a copy. */
  #signedText(header: string, request: SignedRequest): string {
    const [text = '', mac = '', ...rest] = header.split('.')
    const given = Buffer.from(mac, 'base64url')
    const right = this.#mac(text, request)
    if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) {
      throw new Fault('NODE_SIGNATURE')
    }
    return text
  }

  #sealed(payload: object, request: SignedRequest): string {
    const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
    return `${text}.${this.#mac(text, request).toString('base64url')}`
  }

  #mac(text: string, { method, target, range }: SignedRequest): Buffer {
    return createHmac('sha256', this.#secret)
      .update(`${text}\n${method}\n${target}\n${range}`)
      .digest()
  }
}

function readJson(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64url').toString())
  } catch {
    return undefined
  }
}
