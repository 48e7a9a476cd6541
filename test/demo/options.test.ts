import { expect, test } from '@jest/globals'
import { readOptions } from '../../demo/options.ts'

const one = { port: 7000, slow: false, nodes: undefined }

test.each([
  ['nothing', [], {}, one],
  ['an empty PORT', [], { PORT: '' }, one],
  ['a slow swarm on any port', ['--slow'], { PORT: '0' }, { ...one, port: 0, slow: true }],
  ['the last port', [], { PORT: '65535' }, { ...one, port: 65_535 }],
  ['three nodes', ['--nodes', '3'], {}, { ...one, nodes: 3 }],
  ['nodes and slow', ['--slow', '--nodes=9'], {}, { ...one, slow: true, nodes: 9 }],
] as const)('%s', (_, args, env, options) => {
  expect(readOptions(args, env)).toEqual(options)
})

test.each(['65536', '-1', '7e3', 'seven', '1.5', ' 80'])('PORT=%s is refused', (PORT) => {
  const say = `PORT is "${PORT}", but has to be a number from 0 to 65535.\n`
  expect(readOptions([], { PORT })).toEqual({ say, exitCode: 2 })
})

test.each(['1', '10', '0', 'many', ''])('--nodes=%s is refused', (nodes) => {
  const say = `--nodes is "${nodes}", but has to be a number from 2 to 9.\n`
  expect(readOptions([`--nodes=${nodes}`], {})).toEqual({ say, exitCode: 2 })
})

test.each([[['--nodes']], [['--nodes', '--slow']], [['three']]])('%j is refused', (args) => {
  const say = expect.stringContaining('npm run demo -- --nodes 3')
  expect(readOptions(args, {})).toEqual({ say, exitCode: 2 })
})

test.each(['-h', '--help'])('%s tells what there is', (arg) => {
  const said = readOptions(['--slow', arg], {})
  expect(said).toEqual({ say: expect.stringContaining('--slow'), exitCode: 0 })
})
