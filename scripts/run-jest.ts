import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand } from './run-command.ts'
import type { JestCounts, JestRun } from './test-summary.ts'

/** Tests reach this machine only, and say what they left open; its workers inherit them. */
const PRELOADS = ['loopback-only.ts', 'left-open.ts'].flatMap((name) => [
  '--import',
  new URL(`../test/support/server/${name}`, import.meta.url).href,
])

/** jest says so of a worker that still had something open; its tests have all passed by then. */
const WORKER_LEFT_OPEN = 'A worker process has failed to exit gracefully'

/**
 * Runs jest and tells what came of it. Results come by file, for its output is for people.
 * jest waits for ever for a handle that a test left open, so when the results are there and it has
 * not ended `exitWithinMs` later it is killed and the run counts as `leftOpen`. (Its own
 * `--detectOpenHandles` would run one test file at a time, `--forceExit` would hide the fault.)
 */
export async function runJest(
  args: readonly string[],
  print: (text: string) => void,
  exitWithinMs = 20_000,
): Promise<JestRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'playlink-test-'))
  const results = path.join(folder, 'results.json')
  let leftOpen = false
  const jest = runCommand(
    'node_modules/jest/bin/jest.js',
    ['--ci', '--json', `--outputFile=${results}`, ...args],
    (text) => {
      leftOpen ||= text.includes(WORKER_LEFT_OPEN)
      // It names a file that is gone by the time anybody reads this.
      print(text.replace(/^Test results written to: .*\n/m, ''))
    },
    ['--no-warnings', '--experimental-vm-modules', ...PRELOADS],
  )
  let ending: NodeJS.Timeout | undefined
  const watch = setInterval(() => {
    if (ending || !existsSync(results)) return
    ending = setTimeout(() => {
      leftOpen = true
      jest.kill('SIGTERM')
      ending = setTimeout(() => jest.kill('SIGKILL'), 2_000)
    }, exitWithinMs)
  }, 200)
  try {
    const { exitCode } = await jest.ended
    const someByName = args.some((arg) => /^(-t|--testNamePattern)(=|$)/.test(arg))
    return { counts: readCounts(results), exitCode, leftOpen, someByName }
  } finally {
    clearInterval(watch)
    clearTimeout(ending)
    await rm(folder, { recursive: true, force: true })
  }
}

function readCounts(results: string): JestCounts | undefined {
  try {
    const counts = JSON.parse(readFileSync(results, 'utf8'))
    return typeof counts?.numPassedTests === 'number' ? counts : undefined
  } catch {
    // Not written, or not to the end: summarise() says what that means.
    return undefined
  }
}
