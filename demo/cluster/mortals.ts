import type { Child } from '../child.ts'
import type { Ending } from '../ending.ts'

export interface Mortals {
  /** From now on a death is only told. */
  begin(): void
  /** Says a line, unless the demo has not begun or is over. */
  tell(line: string): void
  /**
   * Until `begin` one that ends by itself ends the demo.
   * @param onDeath called with how it ended, once the demo has begun
   */
  add(name: string, child: Child, onDeath: (how: string) => void): void
}

/** Those whose death the demo is there to show. */
export function createMortals(ending: Ending, say: (line: string) => void): Mortals {
  let begun = false
  let over = false
  void ending.over.then(() => {
    over = true
  })
  return {
    begin() {
      begun = true
    },
    tell(line) {
      if (begun && !over) say(line)
    },
    add(name, child, onDeath) {
      void child.ended.then((how) => {
        if (begun) onDeath(how)
        // Has no effect where the demo is over.
        else ending.end({ exitCode: 1, sentence: `${name} ended by itself: ${how}` })
      })
    },
  }
}
