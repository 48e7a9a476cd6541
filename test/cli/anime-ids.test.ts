import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { animeIdsHelp, PUBLIC_TABLE, readAnimeIdsOptions } from '../../cli/anime-ids-options.ts'
import { asPackage } from '../../common/host/command-names.ts'
import { startWeb } from '../support/web.ts'

test('reads its arguments', () => {
  expect(readAnimeIdsOptions([])).toEqual({ from: PUBLIC_TABLE })
  expect(readAnimeIdsOptions(['a.json'])).toEqual({ from: 'a.json' })
  expect(readAnimeIdsOptions(['--help'])).toEqual({ say: animeIdsHelp(), exitCode: 0 })
  for (const args of [['a', 'b'], ['--no'], ['']]) {
    expect(readAnimeIdsOptions(args)).toMatchObject({ exitCode: 64 })
  }
  expect(animeIdsHelp(asPackage)).toMatch(/^playlink anime-ids URL/m)
  expect(animeIdsHelp(asPackage)).not.toContain('npm')
})

const entry = (kitsu: number, imdbId: string, facts: object = {}) => ({
  ...{ type: 'TV', kitsu_id: kitsu, mal_id: kitsu + 100, imdb_id: [imdbId] },
  ...{ season: { tvdb: 1, tmdb: 1 }, ...facts },
})
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-anime-command-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(from: string, env: Record<string, string> = {}) {
  const ANIME_IDS = join(folder, 'anime-ids.json')
  const args = ['--no-warnings', 'cli/anime-ids.ts', from]
  const options = { env: { PATH: process.env.PATH, HOME: folder, ANIME_IDS, ...env } }
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, options)
    return { code: 0, stdout, stderr: '' }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

test('brings a table from a file or an address, says what changed, and keeps the last one when it fails', async () => {
  const first = join(folder, 'first.json')
  await writeFile(first, JSON.stringify([entry(1, 'tt0000001'), entry(2, 'tt0000002'), {}]))
  expect((await run(first)).stdout).toBe(
    'kitsu:  2 ids, 2 new, 0 changed, 0 gone\nmal:    2 ids, 2 new, 0 changed, 0 gone\nleft out: 1 (no id of its site)\n',
  )
  const second = JSON.stringify([entry(2, 'tt0000009'), entry(3, 'tt0000003')])
  const web = await startWeb((req, res) =>
    req.url === '/list.json' ? void res.end(second) : void res.writeHead(404).end(),
  )
  try {
    const refused = await run(`${web.base}/list.json`)
    expect(refused).toMatchObject({ code: 75, stderr: expect.stringContaining('127.0.0.1') })
    const OUTBOUND_ALLOW = '127.0.0.1/32'
    const absent = await run(`${web.base}/no.json?key=secret`, { OUTBOUND_ALLOW })
    expect(absent).toMatchObject({ code: 75, stderr: expect.stringContaining('status 404') })
    expect(absent.stderr).not.toContain('secret')
    const { stdout } = await run(`${web.base}/list.json`, { OUTBOUND_ALLOW })
    expect(stdout).toContain('kitsu:  2 ids, 1 new, 1 changed, 1 gone\n')
  } finally {
    await web.close()
  }
  const written = await readFile(join(folder, 'anime-ids.json'), 'utf8')
  const wrong = join(folder, 'wrong.json')
  for (const text of ['', '[1,2]']) {
    await writeFile(wrong, text)
    expect(await run(wrong)).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/^playlink: wrong\.json is no table/),
    })
  }
  expect(await run(first, { ANIME_IDS: '' })).toMatchObject({ code: 78 })
  expect(await readFile(join(folder, 'anime-ids.json'), 'utf8')).toBe(written)
  expect((await readdir(folder)).filter((name) => name.includes('.tmp-'))).toEqual([])
})
