import { z } from 'zod'
import type { AnnouncedNode, CacheIndex } from '../cache/index/cache-index.ts'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'

/** What a node says of itself. */
export interface NodeFacts {
  /** Where the other nodes reach it: an http(s) URL without a trailing slash. */
  readonly url: string
  readonly version: string
  /** It begins nothing new. */
  readonly draining: boolean
  /** Bytes that its limit leaves it. */
  readonly freeBytes: number
  /** Plays that it answers now; earlier versions do not say it. */
  readonly plays?: number | undefined
}

export interface ClusterNode extends NodeFacts {
  readonly node: string
  readonly isSelf: boolean
}

const factsShape = z.object({
  url: z
    .string()
    .max(1000)
    .refine((text) => /^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/.test(text) && URL.canParse(text)),
  version: z.string().max(50),
  draining: z.boolean(),
  freeBytes: z.number().nonnegative(),
  plays: z.int().nonnegative().optional(),
})

/** Undefined: it is nothing that a node says of itself. */
export const readNodeFacts = (about: unknown): NodeFacts | undefined =>
  factsShape.safeParse(about).data

/** Between two heartbeats. */
const EVERY_MS = 2_500
/** One that has not been heard of for so long is gone; three heartbeats may be lost. */
const GONE_AFTER_MS = 10_000
/** One that the index does not name any more is believed for so many heartbeats. */
const BELIEVED_BEATS = 4
/** One that could not be reached is left out for so long. */
const LEFT_OUT_MS = 5_000
/** Between two failures that belong together. */
const MOST_BETWEEN_MS = 3 * LEFT_OUT_MS

/** Of a node that could not be reached; steady clock. */
interface Failures {
  readonly since: number
  readonly last: number
  /** Nothing listens there any more. */
  readonly refused: boolean
}

export interface NodesParts {
  readonly index: Pick<CacheIndex, 'announce' | 'withdraw'>
  /** Id of this node. */
  readonly node: string
  /** What this node says of itself, at each heartbeat. */
  readonly about: () => Promise<NodeFacts>
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Log
  /** Milliseconds; tests shorten them. */
  readonly timing?: { readonly everyMs: number; readonly goneAfterMs: number }
}

/**
 * Who is there: each node announces itself in the index, and learns of the others by the same call. While
 * the index is away those of the last answer are believed: who is really gone cannot be reached.
 */
export class Nodes {
  readonly #parts: NodesParts
  readonly #everyMs: number
  readonly #goneAfterMs: number
  /** By then the index does not name one that died before it was tried first, and this node has heard that. */
  readonly #cutOffAfterMs: number
  #present: ReadonlyMap<string, ClusterNode> = new Map()
  /** How many answers in a row have not named a node that is believed to be there. */
  readonly #missing = new Map<string, number>()
  readonly #unreachable = new Map<string, Failures>()
  readonly #leaving = new Map<string, AbortController>()
  #timer: NodeJS.Timeout | undefined
  #beating: Promise<void> | undefined
  #closed = false

  constructor(parts: NodesParts) {
    this.#parts = parts
    this.#everyMs = parts.timing?.everyMs ?? EVERY_MS
    this.#goneAfterMs = parts.timing?.goneAfterMs ?? GONE_AFTER_MS
    this.#cutOffAfterMs = this.#goneAfterMs + this.#everyMs
  }

  /** Announces this node, now and from time to time. Never rejects. */
  start(): Promise<void> {
    this.#timer = setInterval(() => void this.beat(), this.#everyMs)
    return this.beat()
  }

  /** One heartbeat; a node that begins to drain says so at once. Never rejects. */
  beat(): Promise<void> {
    this.#beating ??= this.#announce().finally(() => {
      this.#beating = undefined
    })
    return this.#beating
  }

  /** All that are there, this one included. */
  get all(): readonly ClusterNode[] {
    return [...this.#present.values()]
  }

  /** Those of them that are not this one. */
  get others(): readonly ClusterNode[] {
    return this.all.filter(({ isSelf }) => !isSelf)
  }

  /** Another node, when it is there and answers; one that drains still gives what it has. */
  other(node: string): ClusterNode | undefined {
    const found = this.#present.get(node)
    return found?.isSelf === false && !this.#leftOut(node) ? found : undefined
  }

  /**
   * It could not be reached.
   * @param refused nothing listens there: it is no busy node, and no slow line
   */
  markUnreachable(node: string, refused = false): void {
    const last = this.#parts.clock.steady()
    const before = this.#unreachable.get(node)
    const goesOn = before && last - before.last <= MOST_BETWEEN_MS
    this.#unreachable.set(node, { since: goesOn ? before.since : last, last, refused })
  }

  /** It has answered. */
  markReached(node: string): void {
    this.#unreachable.delete(node)
  }

  /**
   * The node is there, for the index hears of it, and was never reached from here for long, although somebody
   * tried: the line between the two is broken. Who waits for it would wait for ever. After a while without a
   * try it is tried again first. One that has died is not cut off: its lease ends by itself.
   */
  isCutOff(node: string): boolean {
    const failures = this.#missing.has(node) ? undefined : this.#leftOut(node)
    return failures !== undefined && this.#lasted(failures)
  }

  /** As isCutOff, for who has given up on it and goes on alone: that none of its tries is recent says nothing. */
  wasCutOff(node: string): boolean {
    const failures = this.#present.has(node) ? this.#unreachable.get(node) : undefined
    if (!failures) return false
    return this.#parts.clock.steady() - failures.last <= MOST_BETWEEN_MS && this.#lasted(failures)
  }

  /** It did not answer just now, and probably will: what it has is better waited for than fetched again. */
  mayAnswerSoon(node: string): boolean {
    const isLeaving = this.#present.get(node)?.draining || this.#missing.has(node)
    const failures = isLeaving ? undefined : this.#leftOut(node)
    return failures !== undefined && !failures.refused && !this.#lasted(failures)
  }

  #lasted({ since }: Failures): boolean {
    return this.#parts.clock.steady() - since >= this.#cutOffAfterMs
  }

  /** Of one that is there, and was not reached a moment ago. */
  #leftOut(node: string): Failures | undefined {
    const failures =
      this.#present.get(node)?.isSelf === false ? this.#unreachable.get(node) : undefined
    const isNow = failures && this.#parts.clock.steady() < failures.last + LEFT_OUT_MS
    return isNow ? failures : undefined
  }

  /** As it is seen from here, for people; where plays go is decided by `other`. */
  stateOf({ node, draining }: ClusterNode): 'there' | 'draining' | 'unreachable' {
    const last = this.#unreachable.get(node)?.last ?? Number.NEGATIVE_INFINITY
    if (this.#parts.clock.steady() - last <= MOST_BETWEEN_MS) return 'unreachable'
    return draining ? 'draining' : 'there'
  }

  /** Fires when the node has not been heard of for too long: what is read from it will not come. */
  goneSignal(node: string): AbortSignal {
    let leaving = this.#leaving.get(node)
    if (!leaving) {
      leaving = new AbortController()
      this.#leaving.set(node, leaving)
      if (!this.#present.has(node)) leaving.abort()
    }
    return leaving.signal
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#beating
    await this.#parts.index.withdraw(this.#parts.node).catch(() => {})
  }

  async #announce(): Promise<void> {
    const { index, node, about, log } = this.#parts
    try {
      const announced = await index.announce(node, await about(), this.#goneAfterMs)
      if (!this.#closed) this.#learn(announced)
    } catch (error) {
      log.debug({ err: error }, 'the index could not be told that this node is there')
    }
  }

  #learn(announced: readonly AnnouncedNode[]): void {
    const { node: self, log } = this.#parts
    const present = new Map<string, ClusterNode>()
    for (const { node, about } of announced) {
      const facts = readNodeFacts(about)
      if (facts) present.set(node, { ...facts, node, isSelf: node === self })
      else log.debug({ node }, 'what a node says of itself cannot be read')
    }
    for (const node of present.keys()) {
      this.#missing.delete(node)
      if (!this.#present.has(node) && node !== self) log.info({ node }, 'a node has come')
    }
    for (const [node, known] of this.#present) {
      if (present.has(node)) continue
      // An index that lost what it held knows only who has announced itself since. Who drains has gone.
      const missing = (this.#missing.get(node) ?? 0) + 1
      this.#missing.set(node, missing)
      if (missing < BELIEVED_BEATS && !known.draining) {
        present.set(node, known)
        continue
      }
      log.info({ node }, 'a node has gone')
      this.#missing.delete(node)
      this.#unreachable.delete(node)
    }
    this.#present = present
    for (const [node, leaving] of this.#leaving) {
      if (present.has(node)) continue
      this.#leaving.delete(node)
      leaving.abort()
    }
  }
}
