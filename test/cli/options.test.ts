import { expect, test } from '@jest/globals'
import { HELP, readOptions } from '../../cli/options.ts'

test('every command and its flag', () => {
  expect(readOptions(['ls'])).toEqual({ command: 'ls', json: false })
  expect(readOptions(['ls', '--json'])).toEqual({ command: 'ls', json: true })
  expect(readOptions(['verify', '--remove'])).toEqual({ command: 'verify', remove: true })
  expect(readOptions(['clean'])).toEqual({ command: 'clean' })
})

test('help is printed, exit code 0', () => {
  for (const args of [['--help'], ['-h'], ['verify', '--help']]) {
    expect(readOptions(args)).toEqual({ say: HELP, exitCode: 0 })
  }
  for (const word of ['ls', 'verify', 'clean']) expect(HELP).toContain(`cache -- ${word}`)
})

test.each([[], ['list'], ['toString'], ['ls', '--remove'], ['clean', 'now'], ['clean', '--json']])(
  'not a command: %s %s',
  (...args) => {
    const options = readOptions(args)
    expect(options).toMatchObject({ exitCode: 64 })
    expect('say' in options && options.say.endsWith(HELP)).toBe(true)
  },
)
