import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PolledFile } from '../../../sources/polling/polled-file.ts'

let folder: string
let path: string
let taken: string[]
let failed: (readonly [error: unknown, before: unknown])[]
let file: PolledFile
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-polled-'))
  path = join(folder, 'a.txt')
  taken = []
  failed = []
  file = new PolledFile({
    path,
    take: (text) => {
      if (text === 'broken') throw new Error('no such text')
      taken.push(text)
    },
    failed: (error, before) => void failed.push([error, before]),
  })
})
afterEach(() => rm(folder, { recursive: true }))

const gone = expect.objectContaining({ code: 'ENOENT' })
const broken = expect.objectContaining({ message: 'no such text' })

test('is taken when it has changed, and not again before', async () => {
  await writeFile(path, 'one')
  await file.read()
  await file.poll()
  await writeFile(path, 'other')
  await file.poll()
  expect([taken, failed]).toEqual([['one', 'other'], []])
})

test('what cannot be had or taken is told each time, with why the time before was none', async () => {
  await expect(file.read()).rejects.toEqual(gone)
  await file.poll()
  await writeFile(path, 'broken')
  await file.poll()
  await file.poll()
  expect(failed).toEqual([
    [gone, undefined],
    [broken, gone],
    [broken, broken],
  ])
  await writeFile(path, 'whole')
  await file.poll()
  await rm(path)
  await file.poll()
  expect(taken).toEqual(['whole'])
  expect(failed.at(-1)).toEqual([gone, undefined])
})

test('more than 16 MiB are not read', async () => {
  await writeFile(path, Buffer.alloc(16 * 1024 * 1024 + 1))
  await expect(file.read()).rejects.toThrow('larger than 16 MiB')
  expect(taken).toEqual([])
})
