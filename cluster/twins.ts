import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { ClusterNode, NodeFacts } from './nodes.ts'

/** So many heartbeats in a row: one who was started anew finds its former run once. */
const SURE_BEATS = 3

/** What one heartbeat has shown. */
export interface Beat {
  readonly self: ClusterNode
  readonly others: readonly ClusterNode[]
  /** What stood under this node's id until now. */
  readonly before: NodeFacts | undefined
}

/** Tells the operator, once, of two servers of which one is taken for the other. */
export class Twins {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #log: Log
  readonly #lastingMs: number
  /** How often in a row another process was found under this node's id. */
  #foreign = 0
  /** Steady clock: when another node with this one's URL was first seen. */
  #since: number | undefined
  #told = { id: false, url: false }

  /** @param deps.lastingMs by then a node that has ended is not named any more */
  constructor(deps: { clock: Pick<Clock, 'steady'>; log: Log; lastingMs: number }) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.#lastingMs = deps.lastingMs
  }

  look(beat: Beat): void {
    this.#lookForId(beat)
    this.#lookForUrl(beat)
  }

  /** A disk or a backup that was copied brings the id of its node with it. */
  #lookForId({ self, before }: Beat): void {
    const isForeign = before?.run !== undefined && before.run !== self.run
    this.#foreign = isForeign ? this.#foreign + 1 : 0
    if (this.#foreign < SURE_BEATS || this.#told.id) return
    this.#told.id = true
    const facts = { node: self.node, url: before?.url }
    const text = 'another server has the id of this node, for its CACHE_DIR is a copy'
    this.#log.error(facts, `${text}: films are fetched by both. Give one of them an empty one`)
  }

  /** Of one that stays: who starts anew with an empty disk leaves its earlier id behind for a moment. */
  #lookForUrl({ self, others }: Beat): void {
    const twin = others.find(({ url }) => url === self.url)
    const now = this.#clock.steady()
    this.#since = twin && (this.#since ?? now)
    if (this.#since === undefined || now - this.#since < this.#lastingMs || this.#told.url) return
    this.#told.url = true
    const facts = { node: twin?.node, url: self.url }
    this.#log.error(facts, 'another node has the same NODE_URL: each needs its own')
  }
}
