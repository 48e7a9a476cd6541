import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { SourceProvider } from '../../sources/source.ts'
import { NIGHT, sourceProviderContract } from '../contracts/source-provider.ts'
import { film, never } from './fakes.ts'

type Example = { createLineProvider(base: string, outbound: Outbound): SourceProvider }

const root = join(import.meta.dirname, '../..')
let folder: string
let example: Example

/** The page's example as a file; it would stand in sources/providers, and must not stay there. */
beforeAll(async () => {
  const page = await readFile(join(root, 'docs/add-a-provider.md'), 'utf8')
  const code = /```ts\n(.*?)```/s.exec(page)?.[1] ?? ''
  await mkdir(join(root, '.work'), { recursive: true })
  folder = await mkdtemp(join(root, '.work/example-'))
  const file = join(folder, 'line-provider.ts')
  const moved = code
    .replaceAll("from '../../", "from '@/")
    .replaceAll("from '../", "from '@/sources/")
  await writeFile(file, moved.replaceAll("from '@/", "from '../../"))
  example = (await import(file)) as Example
})
afterAll(() => rm(folder, { recursive: true }))

const answering = (status: number, body: string): Outbound => ({
  get: async () => ({ status, headers: {}, body: Buffer.from(body) }),
  mayRedirect: () => true,
})
const hash = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'

// As the page shows it.
sourceProviderContract('lines', {
  find: ({ base, outbound }, signal) =>
    example.createLineProvider(base, outbound).find(NIGHT, signal),
  answer: (_req, res) => void res.end(`magnet:?xt=urn:btih:${hash}`),
  tolerates: [
    ...['an empty body', 'bytes', 'a page', 'an echo of the request'],
    ...['null', 'a list', 'half an object'],
  ],
})

describe('the example of docs/add-a-provider.md', () => {
  test('is TypeScript that this project accepts', async () => {
    const config = join(folder, 'tsconfig.json')
    await writeFile(
      config,
      JSON.stringify({ extends: '../../tsconfig.json', include: ['./*.ts'], exclude: [] }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const run = promisify(execFile)(process.execPath, [tsc, '-p', config])
    await expect(run.catch((error) => error.stdout)).resolves.toMatchObject({ stdout: '' })
  })

  test('finds sources and leaves bad lines out', async () => {
    const body = `magnet:?xt=urn:btih:${hash}&dn=Film\nnonsense\n`
    const provider = example.createLineProvider('https://h.example', answering(200, body))
    expect(await provider.find(film, never)).toEqual([
      {
        locator: { kind: 'magnet', infoHash: hash, trackers: [], webSeeds: [] },
        selector: {},
        provider: 'lines',
        label: 'Film',
      },
    ])
    const episode = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 1 } as const
    expect(await provider.find(episode, never)).toEqual([])
  })

  test('knows nothing from failing', async () => {
    const with404 = example.createLineProvider('https://h.example', answering(404, ''))
    expect(await with404.find(film, never)).toEqual([])
    const with500 = example.createLineProvider('https://h.example', answering(500, ''))
    await expect(with500.find(film, never)).rejects.toThrow(Fault)
  })
})
