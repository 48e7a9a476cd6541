import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { clusterPrograms } from '../../../demo/cluster/programs.ts'

let folder = ''
const at = (...names: readonly string[]): string => join(folder, ...names)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-programs-'))
  for (const place of ['redis', 'sbin', 'valkey', 'plain']) mkdirSync(at(place))
  for (const name of ['redis/redis-server', 'sbin/nginx', 'valkey/valkey-server']) {
    writeFileSync(at(name), '')
    chmodSync(at(name), 0o755)
  }
  writeFileSync(at('plain/redis-server'), '', { mode: 0o644 })
})
afterAll(() => rmSync(folder, { recursive: true }))

test('are found in the PATH, and where it does not lead', () => {
  const nginx = at('sbin/nginx')
  const found = clusterPrograms(`${at('plain')}:${at('redis')}`, [at('sbin')])
  expect(found).toEqual({ redis: at('redis/redis-server'), nginx })
  const other = clusterPrograms(`:${at('valkey')}:${at('sbin')}`, [])
  expect(other).toEqual({ redis: at('valkey/valkey-server'), nginx })
})

test.each([
  ['neither', undefined, 'redis-server and nginx', 'redis-server nginx-light', 'redis nginx'],
  ['no nginx', 'redis', 'nginx', 'nginx-light', 'nginx'],
  ['no Redis that may be run', 'plain', 'redis-server', 'redis-server', 'redis'],
])('%s: a sentence says what to install', (_, place, names, debian, brew) => {
  const beside = place === 'plain' ? [at('sbin')] : []
  expect(() => clusterPrograms(place && at(place), beside)).toThrow(
    new Error(`--nodes needs ${names}. Install:
  sudo apt-get install ${debian}
or, on a Mac:
  brew install ${brew}`),
  )
})
