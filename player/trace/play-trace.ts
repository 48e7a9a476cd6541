import type { Clock } from '../../common/clock.ts'

/**
 * The steps of a play that take time, in their usual order: the source is found; the cache was
 * asked; the torrent's metadata is known; the first peer is connected; the file's first piece is
 * verified; the first bytes are read.
 */
const playSteps = ['sources', 'cache', 'metadata', 'peer', 'piece', 'byte'] as const
type PlayStep = (typeof playSteps)[number]

/** `ms` counts from the step before it, so that all of them add up to the whole time. */
export interface TakenStep {
  readonly step: PlayStep
  readonly ms: number
}

/** Records how long each step of a play took, and where the play stood still; handed through its steps. */
export interface PlayTrace {
  /** Only the first time counts. A step that a play does not need is left out. */
  done(step: PlayStep): void
  /** Done at that time of the steady clock; left out when it was done before the request. */
  doneAt(step: PlayStep, at: number | undefined): void
  /** After its first bytes the viewer had nothing left to play for so long. */
  stalled(ms: number): void
  /** Whether that step was done; cheaper than reading `steps`. */
  took(step: PlayStep): boolean
  /** In the order they were done. */
  readonly steps: readonly TakenStep[]
  readonly stalls: number
  readonly stalledMs: number
}

/** A class, because one is made for every range: getters of a literal would cost a microsecond each time. */
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
    // Told late: its place is before the steps that were done meanwhile.
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
