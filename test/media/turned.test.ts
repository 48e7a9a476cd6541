import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Encoder } from '../../media/ffmpeg/encoder.ts'
import { Media } from '../../media/media.ts'
import { ffmpeg, makeFilm, openFilmFile } from '../support/films/make-film.ts'

let folder: string
const media = new Media(2, new Encoder({ cores: 2, now: () => 0, trialMs: 300_000 }))
const asked = { signal: new AbortController().signal }
const pathOf = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-turned-'))
  await makeFilm(pathOf('film.mp4'), { seconds: 3, audio: ['-c:a', 'aac'] })
})

afterAll(async () => {
  await media.close()
  await rm(folder, { recursive: true, force: true })
})

test.each([
  ['90', 90, 160],
  ['180', 160, 90],
  ['270', 90, 160],
])('a film that was turned by %s stands upright, copied and encoded', async (by, width, height) => {
  const given = pathOf(`${by}.mov`)
  await ffmpeg('-i', pathOf('film.mp4'), '-c', 'copy', '-metadata:s:v', `rotate=${by}`, given)
  const bytes = await openFilmFile(given)
  const film = await media.probe(bytes, asked)
  expect(film.video).toMatchObject({ width, height })
  const made = {
    copied: [await media.videoInit(bytes, asked), await media.videoSegment(bytes, film, 0, asked)],
    encoded: [
      await media.encodedInit(film, 360, asked),
      await media.encodedSegment(bytes, film, { rung: 360, n: 0 }, asked),
    ],
  }
  const theirs = await firstFrame(given)
  for (const [kind, parts] of Object.entries(made)) {
    const path = pathOf(`${by}.${kind}.mp4`)
    await writeFile(path, Buffer.concat(parts))
    expect(offBy(await firstFrame(path), theirs)).toBeLessThan(25)
  }
})

/** Grey values as ffmpeg shows them, turned where the head says so; of any picture as many. */
async function firstFrame(path: string): Promise<Buffer> {
  const shown = ['-frames:v', '1', '-vf', 'scale=90:160', '-pix_fmt', 'gray', '-f', 'rawvideo', '-']
  return (await ffmpeg('-i', path, ...shown)).stdout
}

/** The mean difference: 17 for the colours of HD, which encoded pictures have, and more than 60 where it stands another way. */
function offBy(ours: Buffer, theirs: Buffer): number {
  let off = 0
  for (const [n, value] of ours.entries()) off += Math.abs(value - (theirs[n] ?? 0))
  return off / ours.length
}
