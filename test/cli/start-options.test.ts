import { describe, expect, test } from '@jest/globals'
import { readStartOptions, startHelp, withPort } from '../../cli/start-options.ts'
import { asPackage } from '../../common/host/command-names.ts'

const read = (...args: string[]) => readStartOptions(args, {}, '1.2.3')

test('a port, as it was written', () => {
  expect(read()).toEqual({ port: undefined })
  expect(read('--port', '8000')).toEqual({ port: '8000' })
  expect(read('--port=x')).toEqual({ port: 'x' })
})

test('help and version are answers', () => {
  for (const args of [['--help'], ['-h'], ['--port', '1', '--help']]) {
    expect(read(...args)).toEqual({ say: startHelp(), exitCode: 0 })
  }
  expect(read('--version')).toEqual({ say: '1.2.3\n', exitCode: 0 })
  for (const option of ['--port', '--help', '--version']) expect(startHelp()).toContain(option)
})

test('a package names itself, and the commands that npm has no scripts for there', () => {
  const help = startHelp(asPackage)
  for (const line of [
    /^playlink {3}/m,
    /^playlink --port 8000 {2}/m,
    /^playlink cache --help {2}/m,
    /^playlink explain --help {2}/m,
    /^playlink anime-ids --help {2}/m,
    /^playlink doctor {2}/m,
  ]) {
    expect(help).toMatch(line)
  }
  expect(help).not.toContain('npm')
  expect(startHelp()).not.toContain('playlink cache')
})

describe('in one sentence, exit code 64', () => {
  test.each([
    [['--prot', '8000'], "Unknown option '--prot'."],
    [['-p', '8000'], "Unknown option '-p'."],
    [['--port'], "Option '--port <value>' argument missing."],
    [['--port='], '--port names no port.'],
    [['--help=no'], "Option '-h, --help' does not take an argument."],
    [['8000'], '"8000" came without its two dashes: npm start -- --port 8000.'],
  ])('%j', (args, why) => {
    const say = `playlink: ${why} "npm start -- --help" tells what there is.\n`
    expect(read(...args)).toEqual({ say, exitCode: 64 })
  })

  test('what npm kept for itself: npm start --port=8000', () => {
    const kept = readStartOptions([], { npm_config_port: '8000' }, '1.2.3')
    expect(kept).toMatchObject({
      exitCode: 64,
      say: expect.stringContaining('npm start -- --port'),
    })
  })
})

test('the option wins, also where PORT comes from a file', () => {
  const env = { PORT: '1', PORT_FILE: 'x', HOST: 'y' }
  expect(withPort(env, '2')).toEqual({ PORT: '2', PORT_FILE: undefined, HOST: 'y' })
  expect(withPort(env, undefined)).toBe(env)
})
