import { withTimeout } from '../sources/with-timeout.ts'
import { type Check, type Finding, fault, type Verdict } from './finding.ts'
import { causeOf } from './why-unreachable.ts'

/** All of them side by side; each has `mostMs`, and its lines stand where it stood. Never rejects. */
export async function runChecks(
  checks: readonly Check[],
  mostMs: number,
): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => runOne(check, mostMs)))
  return found.flat()
}

async function runOne({ name, run }: Check, mostMs: number): Promise<readonly Finding[]> {
  const never = new AbortController().signal
  const verdict = await withTimeout(mostMs, never, run).catch(
    (error: unknown): Verdict =>
      fault(
        `could not be looked at: ${causeOf(error).message}`,
        'See whether what stands behind it answers, and run this again.',
      ),
  )
  return 'state' in verdict ? [{ name, ...verdict }] : verdict
}
