import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

/**
 * CONTRIBUTING: no asserts on absolute times. Who has no clock cannot compare it with a number, so a
 * line that reads one stands here, with its reason; and what bounds a hang is far longer than what it
 * waits for. It reads text: who hides a clock from it is not found.
 */
const READINGS: readonly (readonly [file: string, code: string, why: string])[] = [
  ['ratio.ts', 'const began = performance.now()', 'readings are divided by others of the same run'],
  ['ratio.ts', 'return performance.now() - began', 'as above; no milliseconds leave that file'],
  ['keep-busy.ts', 'const until = performance.now() + ms', 'holds the thread, asserts nothing'],
  ['keep-busy.ts', 'while (performance.now() < until);', 'as above'],
  [
    'fakes.ts',
    'const clock = { wall: () => Date.now(), steady: () => performance.now() }',
    'the clock of the app that is tested, not of the test',
  ],
  [
    'rate-limit.test.ts',
    'const start = performance.now()',
    'stands still: jest moves it by hand, so milliseconds are exact',
  ],
  [
    'rate-limit.test.ts',
    'void limit.take(amount).then(() => all.gone.push(Math.round(performance.now() - start)))',
    'as above',
  ],
  [
    'cache-folder.test.ts',
    'const real = Date.now, jumps = [3600000, 0, -3600000]',
    'makes the clock of the server jump',
  ],
  ['cache-folder.test.ts', 'Date.now = () => real() + shift', 'as above'],
  [
    'fixture.ts',
    'export function fakeClock(wall = Date.now()): FakeClock {',
    'where a clock begins that is moved by hand; files that it is compared with are of today',
  ],
  [
    'cell.ts',
    'const began = performance.now()',
    'figures for the table of docs/swarms.md; nothing is asserted of them',
  ],
  ['cell.ts', 'return () => performance.now() - began', 'as above'],
  [
    'matrix.test.ts',
    "if (process.env.INTEROP === 'write') table.write(clients, new Date().toISOString().slice(0, 10))",
    'the day that stands in that table',
  ],
  [
    'nginx.test.ts',
    `for (const other of ['"other"', \`W/\${etag}\`, new Date().toUTCString()]) {`,
    'a date in a header, asked for no more',
  ],
  [
    'cache-folder.test.ts',
    'const isThere = (at: number): boolean => Math.abs(at - Date.now() - hours * 3_600_000) < 600_000',
    'tells hours from each other, with ten minutes to spare',
  ],
]

/** Waits that may be short, for nothing fails when they end. */
const SHORT: readonly (readonly [file: string, what: string, why: string])[] = [
  [
    'seeder.ts',
    "'the seeder to end'",
    'it is killed then: its goodbyes to trackers are not waited for',
  ],
]

/** A wait below this can end before a machine that is busy for some seconds has come to it. */
const LEAST_PATIENCE_MS = 15_000
/** The default of jest.config.mjs; what is shorter makes a test fail for its clock. */
const TEST_MS = 20_000

const CLOCK = /\bperformance\.now\b|\bDate\.now\b|\bhrtime\b|\bnew Date\(\)|\btimeOrigin\b/
const root = join(import.meta.dirname, '../..')
const files = globSync('test/**/*.{ts,mjs}', { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}))

/** The arguments of a call whose `(` ends at `from`, split at commas of its own level. */
function argumentsOf(text: string, from: number): string[] {
  const all = ['']
  for (let at = from, depth = 1; at < text.length; at++) {
    const char = text[at] ?? ''
    if ('([{'.includes(char)) depth++
    if (')]}'.includes(char)) depth--
    if (depth === 0) break
    if (char === ',' && depth === 1) all.push('')
    else all[all.length - 1] += char
  }
  return all.map((argument) => argument.trim())
}

const isNumber = (text: string): boolean => /^\d[\d_]*$/.test(text)
const numberOf = (text: string): number => Number(text.replaceAll('_', ''))

/** Waits of a text that name a patience too short for a busy machine. */
function hastyWaits(text: string): string[] {
  return [...text.matchAll(/\b(?:eventually|within|passUntil)(?:<[^(]*>)?\(/g)].flatMap((call) => {
    const [what = '', ...rest] = argumentsOf(text, call.index + call[0].length)
    const hasty = rest.filter(isNumber).some((ms) => numberOf(ms) < LEAST_PATIENCE_MS)
    return hasty && !call[0].startsWith('passUntil') ? [what] : []
  })
}

/** Times that jest gives to a test or hook, where they are less than it has anyway. */
const hastyTests = (text: string): string[] =>
  [
    ...text.matchAll(
      /^\s*(?:\}, |(?:before|after)(?:All|Each)\(.*, |jest\.setTimeout\()(\d[\d_]*)\)$/gm,
    ),
  ]
    .filter(([, ms = '']) => numberOf(ms) < TEST_MS)
    .map(([line]) => line.trim())

const others = files.filter(({ path }) => basename(path) !== basename(import.meta.filename))
test.each(others.map(({ path, text }) => [path, text]))('%s', (path, text) => {
  const mayStand = [...READINGS, ...SHORT].flatMap(([file, code]) =>
    file === basename(path) ? [code] : [],
  )
  const readings = text.split('\n').filter((line) => CLOCK.test(line))
  const found = [...readings.map((line) => line.trim()), ...hastyWaits(text), ...hastyTests(text)]
  expect(found.filter((line) => !mayStand.includes(line))).toEqual([])
})

test('each line that may stand is there, and has its reason', () => {
  for (const [file, code, why] of [...READINGS, ...SHORT]) {
    const there = files.some(({ path, text }) => basename(path) === file && text.includes(code))
    expect([file, code, there, why.length > 5]).toEqual([file, code, true, true])
  }
})

describe('is found', () => {
  test.each([
    ['a clock', 'expect(performance.now() - began).toBeLessThan(200)'],
    ['the other clock', 'const t0 = Date.now()'],
    ['a third', 'const [s] = process.hrtime()'],
  ])('%s', (_, line) => expect(line).toMatch(CLOCK))

  test('a wait that is too short, whatever stands in it', () => {
    expect(hastyWaits("await eventually('a', () => f(1, [2]), 1500)")).toEqual(["'a'"])
    expect(hastyWaits("await within('b', 5_000, exit())")).toEqual(["'b'"])
    expect(hastyWaits("await eventually('c', () => f(1, 500), 30_000)")).toEqual([])
  })

  test('a test that is given less time than any', () => {
    expect(hastyTests('  }, 10_000)\n  }, 30_000)')).toEqual(['}, 10_000)'])
  })
})
