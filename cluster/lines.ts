import type { Clock } from '../common/clock.ts'
import { Fault, type FaultCode } from '../common/errors.ts'
import type { Log } from '../common/log.ts'

/** One that could not be reached is left out for so long. */
const LEFT_OUT_MS = 5_000
/** Between two failures that belong together. */
const MOST_BETWEEN_MS = 3 * LEFT_OUT_MS
/** Of the two nodes: until its operator mends it, nothing is handed over between them. */
const MISFIT: ReadonlySet<FaultCode> = new Set(['NODE_SIGNATURE', 'NODE_CLOCK'])

/** Of a node that could not be reached; steady clock. */
export interface Failures {
  readonly since: number
  readonly last: number
  /** Nothing listens there any more. */
  readonly refused: boolean
}

/** What is between this node and the others: another secret or clock is as good as no line. */
export const isMisfit = (error: unknown): error is Fault =>
  error instanceof Fault && MISFIT.has(error.code)

/** Which other nodes could not be reached from here, since when. */
export class Lines {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #log: Log
  readonly #lastingMs: number
  readonly #failures = new Map<string, Failures>()
  /** Since when nobody has reached each, however seldom it was tried, and whether the log has it; steady clock. */
  readonly #away = new Map<string, { readonly since: number; told: boolean }>()
  /** Why each refuses what is handed to it, as the log has it already. */
  readonly #misfits = new Map<string, FaultCode>()

  /** @param deps.lastingMs a line that failed for so long is broken */
  constructor(deps: { clock: Pick<Clock, 'steady'>; log: Log; lastingMs: number }) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.#lastingMs = deps.lastingMs
  }

  /** @param reason what the log says of it */
  failed(node: string, refused: boolean, reason: string): void {
    const last = this.#clock.steady()
    this.#tell(node, reason)
    const before = this.recent(node)?.since ?? last
    // One that was no fit may have been mended since: that does not count as a line that failed for long.
    const since = Number.isFinite(before) ? before : last
    this.#failures.set(node, { since, last, refused })
  }

  /** It answers, and takes nothing from here. It will not while nobody mends it, so nobody waits for it. */
  misfit(
    { node, url }: { readonly node: string; readonly url: string },
    why: Fault,
    isToBeTold: boolean,
  ): void {
    const last = this.#clock.steady()
    this.#failures.set(node, { since: Number.NEGATIVE_INFINITY, last, refused: true })
    if (!isToBeTold || this.#misfits.get(node) === why.code) return
    this.#misfits.set(node, why.code)
    const facts = { node, url, reason: why.message }
    this.#log.error(facts, 'another node refuses our plays: what it has is fetched here again')
  }

  reached(node: string): void {
    this.#failures.delete(node)
    this.#away.delete(node)
    this.#misfits.delete(node)
  }

  /** Failed a moment ago: it is left out. */
  now(node: string): Failures | undefined {
    return this.#within(node, LEFT_OUT_MS)
  }

  /** Failed lately. */
  recent(node: string): Failures | undefined {
    return this.#within(node, MOST_BETWEEN_MS)
  }

  lasted({ since }: Failures): boolean {
    return this.#clock.steady() - since >= this.#lastingMs
  }

  /** At the second failure: one that was stopped is not there any more by then. */
  #tell(node: string, reason: string): void {
    const now = this.#clock.steady()
    const away = this.#away.get(node) ?? { since: now, told: false }
    this.#away.set(node, away)
    if (away.told || now - away.since < LEFT_OUT_MS) return
    away.told = true
    this.#log.warn({ node, reason }, 'another node is there, and cannot be reached from here')
  }

  #within(node: string, ms: number): Failures | undefined {
    const failures = this.#failures.get(node)
    return failures && this.#clock.steady() - failures.last < ms ? failures : undefined
  }
}
