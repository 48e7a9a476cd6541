import { expect, test } from '@jest/globals'
import { readDockerfile, variablesIn } from '../../scripts/image/dockerfile.ts'

test('stages and their instructions, continuations joined, comments left out', () => {
  const text = [
    '# syntax',
    'FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build',
    'RUN one \\',
    '# in between',
    ' && two',
    '',
    'FROM node:24-bookworm-slim',
    'ENV A=1 \\',
    '    B=x=y',
  ].join('\n')
  expect(readDockerfile(text)).toEqual([
    {
      image: 'node:24-bookworm-slim',
      name: 'build',
      instructions: [{ word: 'RUN', args: 'one && two' }],
    },
    {
      image: 'node:24-bookworm-slim',
      name: undefined,
      instructions: [{ word: 'ENV', args: 'A=1 B=x=y' }],
    },
  ])
  expect(variablesIn('A=1 B=x=y')).toEqual({ A: '1', B: 'x=y' })
  expect(() => readDockerfile('RUN x')).toThrow('before the first FROM')
})
