/** What jest writes with `--json` of its counts. */
export interface JestCounts {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  /** Files that broke outside any test: a bad import, a syntax error. */
  readonly numRuntimeErrorTestSuites: number
}

export interface JestRun {
  /** undefined when jest ended without writing any: a crash. */
  readonly counts: JestCounts | undefined
  /** Exit code; undefined when a signal ended it. */
  readonly exitCode: number | undefined
  /** A timer, socket or child process of a test outlived it. */
  readonly leftOpen: boolean
  /** Only tests of some name were asked for (`-t`), so the others are skipped on purpose. */
  readonly someByName: boolean
}

export interface Summary {
  /** Faults that no failed test shows, one sentence each. */
  readonly notes: readonly string[]
  /** `N passed, N failed`, with `, N skipped` when there were any. */
  readonly line: string
  readonly ok: boolean
}

/** Type check and lint count as one each, passed or failed; so does every fault of the run itself. */
export function summarise(
  checks: readonly { readonly name: string; readonly ok: boolean }[],
  jest: JestRun,
): Summary {
  const { counts } = jest
  const skipped = counts ? counts.numPendingTests + counts.numTodoTests : 0
  const notes = [
    ...checks.filter((check) => !check.ok).map((check) => `${check.name} failed.`),
    ...faultsOf(jest, skipped),
  ]
  const passed = checks.filter((check) => check.ok).length + (counts?.numPassedTests ?? 0)
  const failed =
    notes.length + (counts?.numFailedTests ?? 0) + (counts?.numRuntimeErrorTestSuites ?? 0)
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  return { notes, line, ok: failed === 0 }
}

function faultsOf(jest: JestRun, skipped: number): string[] {
  const { counts, exitCode, leftOpen, someByName } = jest
  if (!counts) return [`jest ended without results (${exitCode ?? 'killed'}).`]
  const faults: string[] = []
  const broken = counts.numFailedTests + counts.numRuntimeErrorTestSuites
  if (counts.numPassedTests + broken === 0) faults.push('No test ran.')
  if (skipped > 0 && !someByName) {
    faults.push(
      'A test was skipped: mend it, or delete it and say why (a stray ".only" skips too).',
    )
  }
  if (leftOpen) {
    faults.push('A test left something open; "--detectOpenHandles" and a file name show where.')
  }
  const explained = faults.length + broken > 0
  // Whatever else makes jest unhappy (a threshold, a broken reporter) must not look like a pass.
  if (exitCode !== 0 && !explained) faults.push(`jest ended with ${exitCode ?? 'a signal'}.`)
  return faults
}
