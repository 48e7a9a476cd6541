import { ask } from './request.ts'
import { sleep } from './wait.ts'

/** Asks the same addresses again and again beside a test; `end()` tells what went wrong. */
export function watch(urls: readonly string[]): { end(): Promise<readonly string[]> } {
  const wrong: string[] = []
  let asking = true
  const asked = (async () => {
    while (asking) {
      for (const url of urls) {
        const outcome = await ask(url, { timeout: 4000 }).catch((error: unknown) => error)
        const fine = outcome instanceof Error === false && isWhole(outcome)
        if (!fine) wrong.push(`${url}: ${describe(outcome)}`)
      }
      await sleep(100)
    }
  })()
  return {
    end: async () => {
      asking = false
      await asked
      return wrong
    },
  }
}

const isWhole = (outcome: unknown): boolean => {
  const answer = outcome as { status: number; complete: boolean }
  return answer.status === 200 && answer.complete
}

const describe = (outcome: unknown): string =>
  outcome instanceof Error ? outcome.message : String((outcome as { status: number }).status)
