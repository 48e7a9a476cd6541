import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type AccessToken, formatAccessTokens, hashOfToken } from '../../../common/access-tokens.ts'
import { type AccessFile, openAccessFile } from '../../../server/access/access-file.ts'
import { silent } from '../../sources/fakes.ts'
import { eventually } from '../../support/wait.ts'

const token = (name: string): AccessToken => ({
  name,
  sha256: hashOfToken(`the token of ${name}`),
  streams: 3,
  added: '2026-01-01T00:00:00.000Z',
})
const write = (...names: string[]): Promise<void> =>
  writeFile(path, formatAccessTokens(names.map(token)))

let folder: string
let path: string
let file: AccessFile | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-access-'))
  path = join(folder, 'tokens.json')
})
afterEach(async () => {
  await file?.close()
  file = undefined
  await rm(folder, { recursive: true })
})

const start = async (): Promise<void> => {
  file = await openAccessFile(path, silent, 20)
}
const knows = (name: string): boolean => file?.find(`the token of ${name}`) !== undefined

test('a token is known by its hash, added and revoked while it runs', async () => {
  await write('ann')
  await start()
  expect(file?.find('the token of ann')).toEqual(token('ann'))
  expect(file?.find(token('ann').sha256)).toBeUndefined()
  await write('ann', 'bob')
  await eventually('bob is known', () => knows('bob'))
  await write('bob')
  await eventually('ann is not', () => !knows('ann'))
  expect(knows('bob')).toBe(true)
})

test('a missing file holds none, also one that goes', async () => {
  await start()
  expect(knows('ann')).toBe(false)
  await write('ann')
  await eventually('ann is known', () => knows('ann'))
  await rm(path)
  await eventually('nobody is', () => !knows('ann'))
})

test('a broken one changes nothing while it runs, and is no start', async () => {
  await write('ann')
  await start()
  await writeFile(path, '{"version":1,"tokens":[{}]}')
  await write('ann', 'bob')
  await eventually('it is read again', () => knows('bob'))
  await writeFile(path, '[]')
  expect(knows('ann')).toBe(true)
  await file?.close()
  await expect(start()).rejects.toThrow('ACCESS_TOKENS names a file that cannot be read')
  const twice = formatAccessTokens([token('ann')]).replace(/(\{[^{}]+"ann"[^{}]+\})/s, '$1,$1')
  await writeFile(path, twice)
  await expect(start()).rejects.toThrow('ACCESS_TOKENS')
})

test('without the setting there is no such file', async () => {
  expect(await openAccessFile(undefined, silent)).toBeUndefined()
})
