import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { AnnouncedNode, CacheIndex } from '../cache/index/cache-index.ts'
import type { Clock } from '../common/clock.ts'
import type { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { type Failures, Lines } from './lines.ts'
import { Twins } from './twins.ts'

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
  /** Another one at each start; earlier versions do not say it. */
  readonly run?: string | undefined
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
  run: z.string().max(50).optional(),
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
  #present: ReadonlyMap<string, ClusterNode> = new Map()
  /** How many answers in a row have not named a node that is believed to be there. */
  readonly #missing = new Map<string, number>()
  readonly #lines: Lines
  readonly #twins: Twins
  /** Of this process, which may have the id of another one by mistake. */
  readonly #run = randomBytes(8).toString('hex')
  readonly #leaving = new Map<string, AbortController>()
  #timer: NodeJS.Timeout | undefined
  #beating: Promise<void> | undefined
  #closed = false

  constructor(parts: NodesParts) {
    this.#parts = parts
    this.#everyMs = parts.timing?.everyMs ?? EVERY_MS
    this.#goneAfterMs = parts.timing?.goneAfterMs ?? GONE_AFTER_MS
    // By then the index does not name one that died before it was tried first, and this node has heard that.
    const lastingMs = this.#goneAfterMs + this.#everyMs
    this.#lines = new Lines({ ...parts, lastingMs })
    this.#twins = new Twins({ ...parts, lastingMs })
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
    return found?.isSelf === false && !this.#lines.now(node) ? found : undefined
  }

  /**
   * It could not be reached.
   * @param why.refused nothing listens there: it is no busy node, and no slow line
   * @param why.reason for the log
   */
  markUnreachable(node: string, why: { refused?: boolean; reason?: string } = {}): void {
    this.#lines.failed(node, why.refused === true, why.reason ?? 'no answer')
  }

  /** It answered that it takes nothing from this node: as good as cut off, until its operator mends it. */
  markMisfit(node: ClusterNode, why: Fault): void {
    // Which of two with one URL answers there is what Twins tells of, or of the two one has ended.
    const isTwin = this.all.some((one) => one.url === node.url && one.node !== node.node)
    this.#lines.misfit(node, why, !isTwin)
  }

  /** It has answered. */
  markReached(node: string): void {
    this.#lines.reached(node)
  }

  /**
   * The node is there, for the index hears of it, and was never reached from here for long, although somebody
   * tried: the line between the two is broken. Who waits for it would wait for ever. After a while without a
   * try it is tried again first. One that has died is not cut off: its lease ends by itself.
   */
  isCutOff(node: string): boolean {
    const failures = this.#missing.has(node) ? undefined : this.#leftOut(node)
    return failures !== undefined && this.#lines.lasted(failures)
  }

  /** As isCutOff, for who has given up on it and goes on alone: that none of its tries is recent says nothing. */
  wasCutOff(node: string): boolean {
    const failures = this.#present.has(node) ? this.#lines.recent(node) : undefined
    return failures !== undefined && this.#lines.lasted(failures)
  }

  /** It did not answer just now, and probably will: what it has is better waited for than fetched again. */
  mayAnswerSoon(node: string): boolean {
    const isLeaving = this.#present.get(node)?.draining || this.#missing.has(node)
    const failures = isLeaving ? undefined : this.#leftOut(node)
    return failures !== undefined && !failures.refused && !this.#lines.lasted(failures)
  }

  /** Of one that is there, and was not reached a moment ago. */
  #leftOut(node: string): Failures | undefined {
    return this.#present.get(node)?.isSelf === false ? this.#lines.now(node) : undefined
  }

  /** As it is seen from here, for people; where plays go is decided by `other`. */
  stateOf({ node, draining }: ClusterNode): 'there' | 'draining' | 'unreachable' {
    if (this.#lines.recent(node)) return 'unreachable'
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
      const said = { ...(await about()), run: this.#run }
      const announced = await index.announce(node, said, this.#goneAfterMs)
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
      this.#lines.reached(node)
    }
    this.#present = present
    const mine = present.get(self)
    const before = readNodeFacts(announced.find(({ node }) => node === self)?.before)
    if (mine) this.#twins.look({ self: mine, others: this.others, before })
    for (const [node, leaving] of this.#leaving) {
      if (present.has(node)) continue
      this.#leaving.delete(node)
      leaving.abort()
    }
  }
}
