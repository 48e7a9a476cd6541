import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

const LOG = new URL('../../common/log.ts', import.meta.url).href
const LINES = 3000

/** Logs and ends at once, as a server that fails does. */
function logged(format: string, covered = ''): string[] {
  const script = `
    import { createLog } from '${LOG}'
    const log = createLog('info', '${format}'${covered})('main')
    for (let i = 1; i <= ${LINES}; i++) log.info({ i, title: 'a film' }, 'said')
    process.exit(0)`
  const done = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {},
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  expect(done.stderr).toBe('')
  return done.stdout.trimEnd().split('\n')
}

test('pretty: one readable line each, and the last ones are not lost', () => {
  const lines = logged('pretty')
  expect(lines).toHaveLength(LINES)
  expect(lines.at(-1)).toMatch(
    /^\[\d\d:\d\d:\d\d\] INFO \(main\): said \{"i":3000,"title":"a film"\}$/,
  )
})

test('json: one object each, and the last ones are not lost', () => {
  const lines = logged('json')
  expect(lines).toHaveLength(LINES)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
    level: 30,
    name: 'main',
    msg: 'said',
    i: LINES,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  })
})

test.each(['pretty', 'json'])('%s: no line is written before it was covered', (format) => {
  const lines = logged(format, ", (line) => line.replaceAll('film', '[secret]')")
  expect(lines).toHaveLength(LINES)
  expect(lines.every((line) => line.includes('a [secret]') && !line.includes('film'))).toBe(true)
})
