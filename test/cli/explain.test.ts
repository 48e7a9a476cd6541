import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { explainHelp, readExplainOptions } from '../../cli/explain-options.ts'
import { asPackage } from '../../common/host/command-names.ts'

const NAME = 'Breaking.Bad.S02E05.1080p.BluRay.x264-GRP'

test.each([
  [['tt0903747', '2', '5'], { type: 'series', imdbId: 'tt0903747', season: 2, episode: 5 }],
  [['tt0133093'], { type: 'movie', imdbId: 'tt0133093' }],
])('%j', (rest, title) => {
  expect(readExplainOptions([NAME, ...rest])).toEqual({ name: NAME, title, facts: undefined })
})

test('a title of the command line needs no id', () => {
  const options = readExplainOptions([NAME, '2', '5', '--title', 'Breaking Bad', '--year', '2008'])
  expect(options).toMatchObject({ facts: { name: 'Breaking Bad', year: 2008 } })
  expect(readExplainOptions(['--help'])).toEqual({ say: explainHelp(), exitCode: 0 })
})

test('a package names its own command', () => {
  expect(explainHelp(asPackage)).toContain('playlink explain "RELEASE NAME" tt0133093')
  expect(explainHelp(asPackage)).not.toContain('npm')
})

describe('what is no command', () => {
  test.each([
    ...[[], [NAME], [NAME, '0903747'], [NAME, 'tt1'], [NAME, 'tt0903747', '2']],
    ...[
      [NAME, 'tt0903747', '2', 'x'],
      [NAME, 'tt0903747', '2', '5', '6'],
      ['x'.repeat(2001), 'tt0903747'],
    ],
    ...[
      [NAME, 'tt0903747', '--year', '2008'],
      [NAME, '--title', 'A', '--year', 'x'],
      [NAME, '--no'],
    ],
  ])('%j', (...args) => {
    expect(readExplainOptions(args.flat())).toMatchObject({
      exitCode: 64,
      say: expect.stringContaining(explainHelp()),
    })
  })
})

test('prints what is read of the name, and the verdict with its reason', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--no-warnings', 'cli/explain.ts', ...args])
  const of = ['--title', 'Breaking Bad', '--year', '2008']
  const { stdout } = await run(NAME, '2', '5', ...of)
  expect(stdout).toContain('read as      breaking bad #s02e05=s2e5 ~1080p ~bluray ~x264 grp\n')
  expect(stdout).toContain('quality      1080p BluRay x264\n')
  expect(stdout).toMatch(/verdict {6}right: season and episode\n$/)
  const wrong = await run(NAME, '2', '6', ...of).catch((error: unknown) => error)
  expect(wrong).toMatchObject({ code: 1, stdout: expect.stringMatching(/wrong: other episode\n$/) })
})
