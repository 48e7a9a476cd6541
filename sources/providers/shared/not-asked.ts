import { Fault } from '../../../common/errors.ts'

/** `deferred`: our own queue or budget, or what we needed first, was in the way. `resting`: it failed before. */
type WhyNotAsked = 'deferred' | 'resting'

/** As soon as that a question is asked that was deferred, milliseconds. */
export const DEFERRED_MS = 5000

/**
 * The provider was not asked, for a reason that lies here. So nothing follows from it: it is no
 * failure of the provider, and the next one who asks may have an answer.
 */
export class NotAsked extends Fault {
  readonly why: WhyNotAsked

  /** @param reason for the log */
  constructor(why: WhyNotAsked, reason: string) {
    super('UPSTREAM_FAILED', {}, { cause: new Error(reason) })
    this.why = why
  }
}

export const isDeferred = (error: unknown): boolean =>
  error instanceof NotAsked && error.why === 'deferred'
