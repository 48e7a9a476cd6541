import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { Clock } from '../../common/clock.ts'
import { fakeClock } from '../cache/fixture.ts'
import { cacheIndexContract } from './cache-index.ts'

type Example = { createPlainIndex(clock: Clock): CacheIndex }

const root = join(import.meta.dirname, '../..')
let folder: string
let example: Example

/** The page's example as a file; it would stand in cache/backends, and must not stay there. */
beforeAll(async () => {
  const page = await readFile(join(root, 'docs/add-a-backend.md'), 'utf8')
  const code = /```ts\n(.*?)```/s.exec(page)?.[1] ?? ''
  await mkdir(join(root, '.work'), { recursive: true })
  folder = await mkdtemp(join(root, '.work/example-'))
  const moved = code
    .replaceAll("from '../../", "from '@/")
    .replaceAll("from '../", "from '@/cache/")
    .replaceAll("from './", "from '@/cache/backends/")
  const file = join(folder, 'plain.ts')
  await writeFile(file, moved.replaceAll("from '@/", "from '../../"))
  example = (await import(file)) as Example
})
afterAll(() => rm(folder, { recursive: true }))

test('the example of docs/add-a-backend.md is TypeScript that this project accepts', async () => {
  const config = join(folder, 'tsconfig.json')
  const settings = { extends: '../../tsconfig.json', include: ['./*.ts'], exclude: [] }
  await writeFile(config, JSON.stringify(settings))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const run = promisify(execFile)(process.execPath, [tsc, '-p', config])
  await expect(run.catch((error) => error.stdout)).resolves.toMatchObject({ stdout: '' })
})

cacheIndexContract('memory', async () => {
  const clock = fakeClock()
  const index = example.createPlainIndex(clock)
  return { index, pass: async (ms) => clock.pass(ms), end: () => index.close() }
})
