import { describe, expect, test } from '@jest/globals'
import { readTokenOptions, TOKEN_HELP } from '../../cli/token-options.ts'

test.each([
  ['add ann', { command: 'add', name: 'ann', streams: 3, monthlyBytes: undefined }],
  [
    'add ann@home.example --streams 1 --month-gb 500',
    { command: 'add', name: 'ann@home.example', streams: 1, monthlyBytes: 500e9 },
  ],
  ['list', { command: 'list' }],
  ['revoke ann', { command: 'revoke', name: 'ann' }],
])('%s', (line, options) => {
  expect(readTokenOptions(line.split(' '))).toEqual(options)
})

test('help is no fault', () => {
  expect(readTokenOptions(['--help'])).toEqual({ say: TOKEN_HELP, exitCode: 0 })
})

describe('what is no command', () => {
  test.each([
    ...['', 'remove ann', 'add', 'revoke', 'list ann', 'add ann bob', 'add a/b', 'add ../x'],
    ...[
      'add ann --streams 0',
      'add ann --streams 1e3',
      'add ann --streams 1001',
      'list --streams 1',
    ],
    ...['add ann --month-gb 0', 'add ann --month-gb 1000001', 'add ann --bytes 1'],
    ...['revoke ann --streams 1', `add ${'x'.repeat(65)}`],
  ])('%j', (line) => {
    expect(readTokenOptions(line.split(' ').filter(Boolean))).toMatchObject({
      exitCode: 64,
      say: expect.stringContaining(TOKEN_HELP),
    })
  })
})
