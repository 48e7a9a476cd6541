import { describe, expect, test } from '@jest/globals'
import { type JestCounts, type JestRun, summarise } from '../../scripts/test-summary.ts'

const counts = (some: Partial<JestCounts> = {}): JestCounts => ({
  numPassedTests: 10,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...some,
})

const jest = (some: Partial<JestRun> = {}): JestRun => ({
  counts: counts(),
  exitCode: 0,
  leftOpen: false,
  someByName: false,
  ...some,
})

const fine = [
  { name: 'Type check', ok: true },
  { name: 'Lint', ok: true },
]

describe('summarise', () => {
  test('all well', () => {
    expect(summarise(fine, jest())).toEqual({ notes: [], line: '12 passed, 0 failed', ok: true })
    expect(summarise([], jest()).line).toBe('10 passed, 0 failed')
  })

  test('failed tests and files that broke are counted', () => {
    const run = jest({
      exitCode: 1,
      counts: counts({ numFailedTests: 2, numRuntimeErrorTestSuites: 1 }),
    })
    expect(summarise(fine, run)).toEqual({ notes: [], line: '12 passed, 3 failed', ok: false })
  })

  test('a failed type check or lint is a failure though every test passed', () => {
    const checks = [{ name: 'Type check', ok: false }, ...fine.slice(1)]
    expect(summarise(checks, jest())).toEqual({
      notes: ['Type check failed.'],
      line: '11 passed, 1 failed',
      ok: false,
    })
  })

  test.each([
    ['a crash with a code', jest({ counts: undefined, exitCode: 134 }), 'without results (134)'],
    ['a crash by a signal', jest({ counts: undefined, exitCode: undefined }), '(killed)'],
    ['a crash that exits 0', jest({ counts: undefined }), 'without results (0)'],
    ['no test at all', jest({ counts: counts({ numPassedTests: 0 }) }), 'No test ran.'],
    ['an exit that no test explains', jest({ exitCode: 1 }), 'jest ended with 1.'],
    ['a signal at the end', jest({ exitCode: undefined }), 'jest ended with a signal.'],
    ['something left open', jest({ leftOpen: true, exitCode: undefined }), 'left something open'],
  ])('%s never looks like a pass', (_, run, note) => {
    const summary = summarise(fine, run)
    expect(summary.ok).toBe(false)
    expect(summary.notes).toEqual([expect.stringContaining(note)])
    expect(summary.line).toMatch(/ passed, 1 failed$/)
  })

  test('a skipped test fails, unless tests were picked by name', () => {
    const skipping = counts({ numPendingTests: 2, numTodoTests: 1 })
    expect(summarise(fine, jest({ counts: skipping }))).toMatchObject({
      ok: false,
      line: '12 passed, 1 failed, 3 skipped',
    })
    expect(summarise([], jest({ counts: skipping, someByName: true }))).toMatchObject({
      ok: true,
      line: '10 passed, 0 failed, 3 skipped',
    })
  })
})
