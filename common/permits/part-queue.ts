import { Owners } from './owners.ts'
import { WaitingLine } from './waiting-line.ts'

/**
 * Turns of the event loop for long work that is done in parts: one part in each, whoever it is for.
 * Everybody else, who waits for disks and peers in many short steps, so waits for one part at each step
 * and not for the parts of all. Addresses take turns here too; what is for none goes first.
 */
export class PartQueue {
  readonly #line = new WaitingLine({ most: Number.MAX_SAFE_INTEGER })

  /** Resolves in a later turn, at the beginning of which nobody else's part runs. */
  next(owners: Owners = new Owners()): Promise<void> {
    return new Promise((resolve) => {
      if (this.#line.length === 0) setImmediate(() => this.#begin())
      this.#line.add({ owners, proceed: resolve, reject: resolve })
    })
  }

  #begin(): void {
    this.#line.next(() => 0, 1)?.proceed()
    if (this.#line.length > 0) setImmediate(() => this.#begin())
  }
}

/** Of the one event loop that there is. */
export const partQueue = new PartQueue()
