import { expect, test } from '@jest/globals'
import { readOptions } from '../../demo/options.ts'

test.each([
  ['nothing', [], {}, { port: 7000, slow: false }],
  ['an empty PORT', [], { PORT: '' }, { port: 7000, slow: false }],
  ['a slow swarm on any port', ['--slow'], { PORT: '0' }, { port: 0, slow: true }],
  ['the last port', [], { PORT: '65535' }, { port: 65_535, slow: false }],
] as const)('%s', (_, args, env, options) => {
  expect(readOptions(args, env)).toEqual(options)
})

test.each(['65536', '-1', '7e3', 'seven', '1.5', ' 80'])('PORT=%s is refused', (PORT) => {
  const say = `PORT is "${PORT}", but has to be a number from 0 to 65535.\n`
  expect(readOptions([], { PORT })).toEqual({ say, exitCode: 2 })
})

test.each(['-h', '--help'])('%s tells what there is', (arg) => {
  const said = readOptions(['--slow', arg], {})
  expect(said).toEqual({ say: expect.stringContaining('--slow'), exitCode: 0 })
})
