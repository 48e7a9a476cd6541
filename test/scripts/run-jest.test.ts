import { describe, expect, test } from '@jest/globals'
import { runJest } from '../../scripts/run-jest.ts'
import { summarise } from '../../scripts/test-summary.ts'

// Each case starts a process of its own, beside whatever else runs.

/** A real jest on fixtures that `npm test` does not match. */
async function run(names: readonly string[], exitWithinMs?: number) {
  let printed = ''
  const matches = names.map((name) => `--testMatch=**/test/scripts/fixtures/${name}.fixture.ts`)
  const result = await runJest(
    matches,
    (text) => {
      printed += text
    },
    exitWithinMs,
  )
  return { summary: summarise([], result), printed }
}

describe('runJest', () => {
  test('counts what passed and passes on what jest prints', async () => {
    const { summary, printed } = await run(['passes'])
    expect(summary).toEqual({ notes: [], line: '1 passed, 0 failed', ok: true })
    expect(printed).toContain('PASS test/scripts/fixtures/passes.fixture.ts')
  })

  test('a test that leaves something open fails the run instead of hanging it', async () => {
    const { summary, printed } = await run(['leaves-a-server'], 500)
    expect(printed).toMatch(/Timeout < test\/scripts\/fixtures\/leaves-a-server\.fixture\.ts:\d+/)
    expect(summary.line).toBe('1 passed, 1 failed')
    expect(summary.notes).toEqual([expect.stringContaining('left something open')])
  })

  test('also when jest runs it in a worker', async () => {
    // With one worker process jest would run them itself.
    const { summary, printed } = await run(['leaves-a-server', 'passes', 'does-not-load'], 500)
    expect(printed).toMatch(/Timeout < test\/scripts\/fixtures\/leaves-a-server\.fixture\.ts:\d+/)
    expect(summary.line).toBe('2 passed, 2 failed')
    expect(summary.notes).toEqual([expect.stringContaining('left something open')])
  })

  test('a file that does not load is a failure', async () => {
    expect((await run(['does-not-load'])).summary).toMatchObject({
      ok: false,
      line: '0 passed, 1 failed',
    })
  })

  test('a crash of jest itself is a failure', async () => {
    const { summary } = await run(['crashes'])
    expect(summary).toMatchObject({ ok: false, line: '0 passed, 1 failed' })
    expect(summary.notes).toEqual(['jest ended without results (killed).'])
  })

  test('no test found is a failure', async () => {
    expect((await run(['nothing-of-this-name'])).summary.ok).toBe(false)
  })
})
