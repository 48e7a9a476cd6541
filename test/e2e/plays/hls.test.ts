import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats } from '../../support/facts.ts'
import { makeFilm } from '../../support/films/make-film.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB } from '../../support/swarm/payload.ts'
import { movie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const FILM = 'tt9004001'
const NAME = 'First.Film.2001.1080p.mkv'

let folder: string
let stage: Stage<'film'>
const url = (part: string): string => `${stage.server.base}/hls/movie/${FILM}/0/${part}`

const conversions = async () => {
  const { conversions } = (await cacheStats(stage.server.base)).plays
  if (!conversions) throw new Error('BROWSER is off')
  return conversions
}

/** A folder with an ffmpeg that writes a line for each time that it is started. */
async function countedFfmpeg(): Promise<string> {
  const bin = join(folder, 'bin')
  const script = `#!/bin/sh\necho >> "${folder}/started"\nPATH=\${PATH#*:} exec ffmpeg "$@"\n`
  await mkdir(bin)
  await writeFile(join(bin, 'ffmpeg'), script, { mode: 0o755 })
  return bin
}

const started = async (): Promise<number> =>
  (await readFile(join(folder, 'started'), 'utf8').catch(() => '')).length

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-hls-'))
  const path = join(folder, NAME)
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '48', '-b:v', '800k']
  await makeFilm(path, { seconds: 40, video, audio: ['-c:a', 'ac3', '-b:a', '96k'] })
  stage = await openStage({
    torrents: {
      film: { name: 'First.Film', files: { [NAME]: await readFile(path) }, pieceLength: 16 * KiB },
    },
    titles: ({ magnet }) => [movie(FILM, 'First Film', { magnet: magnet('film') })],
    env: { PATH: `${await countedFfmpeg()}:${process.env.PATH}` },
  })
  // What the first segment needs is there long before the last.
  await stage.seeder.rate(200 * KiB)
})

afterAll(async () => {
  await stage?.end()
  await rm(folder, { recursive: true, force: true })
})

test('a film is cut while it arrives: its index and its beginning are enough', async () => {
  const master = await ask(url('master.m3u8'), { timeout: 60_000 })
  expect([master.status, master.body.toString()]).toEqual([
    200,
    expect.stringContaining('audio-2.m3u8'),
  ])
  const playlist = (await ask(url('video.m3u8'))).body.toString()
  const last = playlist.match(/video-\d+\.m4s/g)?.length ?? 0
  const parts = ['video-init.mp4', 'video-0.m4s', 'audio-2-init.mp4', 'audio-2-0.m4s']
  for (const part of parts) {
    const answer = await ask(url(part), { timeout: 60_000 })
    expect([part, answer.status, answer.body.toString('latin1', 4, 8)]).toEqual([
      part,
      200,
      part.endsWith('.mp4') ? 'ftyp' : 'moof',
    ])
  }
  const state = await ask(`${stage.server.base}/api/play-state/movie/${FILM}/0`)
  expect(state.json()).toMatchObject({ stage: 'arriving' })
  // A jump to what is not here yet waits for it.
  const end = await ask(url(`video-${last - 1}.m4s`), { timeout: 120_000 })
  expect(end.status).toBe(200)
  expect((await ask(url(`video-${last}.m4s`))).status).toBe(404)
})

test('the same film has the same validators, asked for again', async () => {
  const first = await ask(url('video-0.m4s'), { timeout: 60_000 })
  const { etag = '' } = first.headers
  expect(etag).toMatch(/^"[\w-]+"$/)
  const again = await ask(url('video-0.m4s'), { headers: { 'If-None-Match': etag } })
  expect(again.status).toBe(304)
  expect((await ask(url('video-1.m4s'), { method: 'HEAD' })).headers.etag).not.toBe(etag)
})

test('the second viewer of a converted segment costs a read of it: nothing is converted again', async () => {
  const first = await ask(url('audio-2-1.m4s'), { timeout: 60_000 })
  expect(await started()).toBeGreaterThan(0)
  // Whoever comes while it is being written has it made.
  let before = 0
  await eventually('it is read', async () => {
    const { reread } = await conversions()
    before = await started()
    const second = await ask(url('audio-2-1.m4s'))
    expect(second.body.equals(first.body)).toBe(true)
    expect(second.headers.etag).toBe(first.headers.etag)
    return (await conversions()).reread > reread
  })
  expect(await started()).toBe(before)
  expect(await conversions()).toMatchObject({ running: 0 })
  // Another one is none of those.
  await ask(url('audio-2-2.m4s'), { timeout: 60_000 })
  expect(await started()).toBe(before + 1)
})
