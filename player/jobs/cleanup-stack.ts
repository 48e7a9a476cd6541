import type { Log } from '../../common/log.ts'

type Step = () => void | Promise<void>

/**
 * Collects the steps that give back what a piece of work has taken, so that no way out of it can
 * forget one. It has the verbs of AsyncDisposableStack, which Node 22 does not have; other than
 * that class it names the step that failed in the log, and never throws.
 */
export class CleanupStack {
  readonly #steps: { readonly what: string; readonly step: Step }[] = []
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** `what` names the thing that `step` gives back. */
  defer(what: string, step: Step): void {
    this.#steps.push({ what, step })
  }

  /** Runs the steps, the last one first. A step that fails does not keep the others from running. */
  async disposeAsync(): Promise<void> {
    for (let last = this.#steps.pop(); last; last = this.#steps.pop()) {
      try {
        await last.step()
      } catch (error) {
        this.#log.error({ err: error, what: last.what }, 'could not give back')
      }
    }
  }
}
