import type { Log } from '../../common/log.ts'

export interface Undo {
  /** What gives back the thing just taken. */
  push(what: string, step: () => void | Promise<void>): void
  /** Gives everything back, last taken first; one failing step never keeps the others. */
  run(): Promise<void>
}

/** Steps to take back, so that no way out of a play can forget one. */
export function createUndo(log: Log): Undo {
  const steps: { what: string; step: () => void | Promise<void> }[] = []
  return {
    push: (what, step) => void steps.push({ what, step }),
    async run() {
      for (let last = steps.pop(); last; last = steps.pop()) {
        try {
          await last.step()
        } catch (error) {
          log.error({ err: error, what: last.what }, 'could not give back')
        }
      }
    },
  }
}
