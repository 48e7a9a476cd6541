import type { Clock } from '../../common/clock.ts'

/**
 * The steps of a play that take time, as they usually follow one another: the numbered source is
 * known; cache and notes were asked; the torrent is described; the first peer of the file is
 * connected; its first piece is verified; the first bytes are read.
 */
const playSteps = ['sources', 'cache', 'metadata', 'peer', 'piece', 'byte'] as const
type PlayStep = (typeof playSteps)[number]

/** `ms`: since the step done before it, so that they add up to the whole. */
export interface TakenStep {
  readonly step: PlayStep
  readonly ms: number
}

/** Why a start took as long as it did, and where it stood still: handed through the steps of a play. */
export interface PlayTrace {
  /** Counts once; what a play did not need is left out. */
  done(step: PlayStep): void
  /** At that steady time; what was done before the request took none of its time. */
  doneAt(step: PlayStep, at: number | undefined): void
  /** The reader stood still for so long, after its first bytes. */
  stalled(ms: number): void
  /** It took that step: cheaper than looking through all. */
  took(step: PlayStep): boolean
  /** In the order they were done. */
  readonly steps: readonly TakenStep[]
  readonly stalls: number
  readonly stalledMs: number
}

/** A class, for one is made a range: getters on a prototype cost nothing, on a literal a microsecond. */
class Trace implements PlayTrace {
  readonly #clock: Pick<Clock, 'steady'>
  readonly #since: number
  readonly #marks: { readonly step: PlayStep; readonly at: number }[] = []
  #stalledMs = 0
  stalls = 0

  constructor(clock: Pick<Clock, 'steady'>) {
    this.#clock = clock
    this.#since = clock.steady()
  }

  done(step: PlayStep): void {
    this.doneAt(step, this.#clock.steady())
  }

  doneAt(step: PlayStep, at: number | undefined): void {
    if (at === undefined || at < this.#since || this.took(step)) return
    const marks = this.#marks
    let place = marks.length
    // Told late: it belongs before what was done meanwhile.
    while (place > 0 && (marks[place - 1]?.at ?? 0) > at) place--
    marks.splice(place, 0, { step, at })
  }

  stalled(ms: number): void {
    this.stalls++
    this.#stalledMs += ms
  }

  took(step: PlayStep): boolean {
    return this.#marks.some((mark) => mark.step === step)
  }

  get steps(): readonly TakenStep[] {
    let before = this.#since
    return this.#marks.map(({ step, at }) => {
      const ms = Math.round((at - before) * 10) / 10
      before = at
      return { step, ms }
    })
  }

  get stalledMs(): number {
    return Math.round(this.#stalledMs)
  }
}

/** Begins now. */
export const createPlayTrace = (clock: Pick<Clock, 'steady'>): PlayTrace => new Trace(clock)

/** Value of a Server-Timing header (W3C Server Timing), milliseconds. */
export const serverTiming = ({ steps }: Pick<PlayTrace, 'steps'>): string =>
  steps.map(({ step, ms }) => `${step};dur=${ms}`).join(', ')
