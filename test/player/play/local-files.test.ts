import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { createBench, movie, sourceOf } from '../fakes.ts'

test('a list has the size of a file of this machine, until it is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-local-'))
  const path = join(folder, 'film.mp4')
  await writeFile(path, 'twelve bytes')
  const source = sourceOf({ kind: 'path', path })
  const { availability } = createBench({ sources: [source] }).player
  expect(availability.of(movie, source)).toEqual({ kind: 'ready' })
  await availability.recall(movie, [source])
  expect(availability.of(movie, source)).toEqual({ kind: 'ready', file: { size: 12 } })
  await rm(folder, { recursive: true })
  await availability.recall(movie, [source])
  expect(availability.of(movie, source)).toEqual({ kind: 'ready' })
})
