import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats } from '../../support/facts.ts'
import { begin } from '../../support/server/request.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import {
  expectExact,
  FILM,
  keptIn,
  openPersistenceStage,
  type PersistenceStage,
  PIECE,
  SIZE,
} from './persistence-stage.ts'

const ROUNDS = 4

let stage: PersistenceStage
beforeAll(async () => {
  stage = await openPersistenceStage()
})
afterAll(() => stage.end())

/** Pieces of the film that are right on disk, whether anybody counted them or not. */
async function written(): Promise<number[]> {
  const { infoHash, content } = stage.torrents.film
  const bytes = await readFile(join(stage.cacheDir, infoHash, '0'))
  const all = Array.from({ length: SIZE / PIECE }, (_, piece) => piece)
  return all.filter((piece) => {
    const at = piece * PIECE
    return bytes.subarray(at, at + PIECE).equals(content.subarray(at, at + PIECE))
  })
}

test('SIGTERM at full speed: what was written counts, and is not hashed again', async () => {
  await stage.seeder.rate(MiB)
  let last = 0
  for (let round = 0; round < ROUNDS; round++) {
    // The grace is over at once: the download is ended while pieces come in.
    const server = await stage.start({ SHUTDOWN_GRACE: '0' })
    await begin(server.base + playMovie(FILM), { timeout: 60_000 })
    await eventually(
      'more pieces',
      async () => (await cacheStats(server.base)).disk.usedBytes > (last + 8) * PIECE,
    )
    await server.stop()
    const [film] = await keptIn(stage.cacheDir)
    const counted = (await written()).filter((piece) => film?.pieces.has(piece))
    expect(counted).toEqual(await written())
    expect(film).toMatchObject({ settled: true, complete: false, bytes: counted.length * PIECE })
    expect(counted.length).toBeGreaterThan(last)
    last = counted.length
  }
  const server = await stage.start()
  expect(await expectExact(server)).toMatchObject([{ settled: true, bytes: last * PIECE }])
})
