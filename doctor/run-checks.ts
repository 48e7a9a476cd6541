import { withTimeout } from '../sources/with-timeout.ts'
import { type Check, type Finding, fault, type Verdict } from './finding.ts'
import { causeOf } from './why-unreachable.ts'

/** How they are run. */
export interface Pace {
  /** Nobody waits any more. */
  readonly signal?: AbortSignal
  /** Called with each check's lines as they come, in any order. */
  readonly tell?: (findings: readonly Finding[]) => void
}

/** All of them side by side; each has `mostMs`, and its lines stand where it stood. Never rejects. */
export async function runChecks(
  checks: readonly Check[],
  mostMs: number,
  { signal = new AbortController().signal, tell = () => undefined }: Pace = {},
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    checks.map(async (check) => {
      const findings = await runOne(check, mostMs, signal)
      tell(findings)
      return findings
    }),
  )
  return found.flat()
}

async function runOne(
  { name, run }: Check,
  mostMs: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const verdict = await withTimeout(mostMs, signal, run).catch(
    (error: unknown): Verdict =>
      fault(
        `could not be looked at: ${causeOf(error).message}`,
        'See whether what stands behind it answers, and run this again.',
      ),
  )
  return 'state' in verdict ? [{ name, ...verdict }] : verdict
}
