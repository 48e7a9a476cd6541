import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  aviWithSlowSound,
  countWithoutSizes,
  manyChunks,
  matroskaWithAss,
  mp4With,
} from '../../support/films/hostile-films.ts'

const RUN_JOB = new URL('../../support/films/run-job.ts', import.meta.url).pathname
const MiB = 1 << 20

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-films-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What came of a job, in a process that it may end. */
async function outcomeOf(film: Buffer, job: object): Promise<unknown> {
  const path = join(folder, 'film')
  await writeFile(path, film)
  const args = ['--no-warnings', RUN_JOB, JSON.stringify(job), path]
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout)
}

describe('a film that asks for more memory at once than a thread is given to end in leaves the process alone', () => {
  test.each([
    ['a count of four thousand million samples, in 1.5 KB', () => countWithoutSizes()],
    ['an index with the places of nine million chunks', () => manyChunks(9_000_000)],
  ])('%s', async (_, table) => {
    const outcome = await outcomeOf(mp4With(table()), { kind: 'probe' })
    expect(outcome).toBe('The index of this file is too long.')
  })

  test('a subtitle of sixteen million commas, which is none', async () => {
    const job = { kind: 'text', track: 3, from: 0, to: 10, isLast: true }
    const outcome = await outcomeOf(matroskaWithAss(Buffer.alloc(16 * MiB, ',')), job)
    expect(outcome).toMatch(/^WEBVTT/)
    expect(outcome).not.toMatch(/-->/)
  })

  test('a tag of 24 million parts', async () => {
    const film = matroskaWithAss(Buffer.from('a block'), '/'.repeat(24 * MiB))
    const outcome = await outcomeOf(film, { kind: 'probe' })
    expect(outcome).toMatch(/could not be made ready for a browser/)
  })

  test('a sound of sixteen million samples, one a second', async () => {
    const job = { kind: 'packets', track: 2, from: 0, to: 10, isIndexed: true }
    expect(await outcomeOf(aviWithSlowSound(16 * MiB), job)).toMatchObject({ at: 0 })
  })

  test('a subtitle of a usual length is one', async () => {
    const job = { kind: 'text', track: 3, from: 0, to: 10, isLast: true }
    const line = Buffer.from('0,0,Default,,0,0,0,,What, they say')
    expect(await outcomeOf(matroskaWithAss(line), job)).toMatch(/-->.*\nWhat, they say\n/)
  })
})
