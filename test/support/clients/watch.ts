import { ask } from '../server/request.ts'
import { sleep } from '../wait.ts'

/** Asks the same addresses again and again while the work runs; `wrong` tells what did not answer. */
export async function withWatch<T>(
  urls: readonly string[],
  work: () => Promise<T>,
): Promise<{ outcome: T; wrong: readonly string[] }> {
  const wrong: string[] = []
  let asking = true
  const asked = (async () => {
    while (asking) {
      for (const url of urls) {
        const said = await ask(url, { timeout: 20_000 }).catch((error: unknown) => error)
        if (said instanceof Error || !isWhole(said)) wrong.push(`${url}: ${describe(said)}`)
      }
      await sleep(100)
    }
  })()
  try {
    return { outcome: await work(), wrong }
  } finally {
    asking = false
    await asked
  }
}

const isWhole = (outcome: unknown): boolean => {
  const answer = outcome as { status: number; complete: boolean }
  return answer.status === 200 && answer.complete
}

const describe = (outcome: unknown): string =>
  outcome instanceof Error ? outcome.message : String((outcome as { status: number }).status)
