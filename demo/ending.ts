/** Why the demo is over. */
interface Over {
  readonly exitCode: number
  readonly sentence: string
}

export interface Ending {
  /** The first word counts. */
  end(over: Over): void
  readonly over: Promise<Over>
  /** The promise's outcome, or a rejection when the demo is over before it. */
  unlessOver<T>(promise: Promise<T>): Promise<T>
  /** To be called at the end; the latest first. */
  own(give: () => Promise<unknown>): void
  /** Gives everything back, whatever fails on the way. */
  giveBack(): Promise<void>
}

export function createEnding(): Ending {
  const { promise: over, resolve } = Promise.withResolvers<Over>()
  const owned: (() => Promise<unknown>)[] = []
  return {
    over,
    end: resolve,
    unlessOver: (promise) =>
      Promise.race([
        promise,
        over.then(({ sentence }) => {
          throw new Error(sentence)
        }),
      ]),
    own: (give) => void owned.push(give),
    async giveBack() {
      for (const give of owned.reverse()) {
        await give().catch((error: Error) => process.stderr.write(`${error.message}\n`))
      }
    },
  }
}
