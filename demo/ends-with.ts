import type { Child } from './child.ts'
import type { Ending } from './ending.ts'

/** One that ends by itself ends the demo; else the demo ends it. */
export function endsWith(name: string, child: Child, ending: Ending): void {
  ending.own(child.stop)
  void child.ended.then((how) => {
    const sentence = `The ${name} ended by itself, so the demo ends too: ${how}`
    ending.end({ exitCode: 1, sentence })
  })
}
