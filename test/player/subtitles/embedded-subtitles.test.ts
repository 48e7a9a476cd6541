import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Media } from '../../../media/media.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { ProbedFilms } from '../../../player/films/probed-films.ts'
import { EmbeddedSubtitles, embeddedId } from '../../../player/subtitles/embedded-subtitles.ts'
import { endedJob } from '../../support/films/ended-job.ts'
import { ffmpeg, filmBytes, makeFilm } from '../../support/films/make-film.ts'
import { createFakeIndex, silent } from '../fakes.ts'

const media = new Media(1)
const asked = { signal: new AbortController().signal }
const ETAG = '"film"'
let film: Buffer
let index: ReturnType<typeof createFakeIndex>
let subtitles: EmbeddedSubtitles
const create = () => new EmbeddedSubtitles(new ProbedFilms({ media, index, log: silent }), media)

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-embedded-'))
  const path = (name: string) => join(folder, name)
  await makeFilm(path('film.mkv'), { seconds: 12, audio: ['-c:a', 'pcm_s16le'] })
  const cue = (n: number) => `${n}\n00:00:0${n},000 --> 00:00:0${n},900\nLine ${n}\n`
  await writeFile(path('words.srt'), [1, 5, 9].map(cue).join('\n'))
  const inputs = ['film.mkv', 'words.srt'].flatMap((name) => ['-i', path(name)])
  const maps = ['0:v', '0:a', '1', '1'].flatMap((map) => ['-map', map])
  const named = ['-metadata:s:s:0', 'language=deu', '-disposition:s:0', 'forced']
  const more = ['-metadata:s:s:1', 'language=fre', '-metadata:s:s:1', 'title=Full']
  await ffmpeg(...inputs, ...maps, '-c', 'copy', ...named, ...more, path('both.mkv'))
  film = await readFile(path('both.mkv'))
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  index = createFakeIndex()
  subtitles = create()
})
afterAll(() => media.close())

function playable(arrived = Number.POSITIVE_INFINITY) {
  const bytes = filmBytes(film)
  const opened: BytesPlayable = {
    ...{ kind: 'bytes', from: 'disk', name: 'both.mkv', size: bytes.size, etag: ETAG },
    has: ({ end }) => end < arrived,
    read: (range) => bytes.read(range),
    release() {},
  }
  return { ...opened, counts: bytes.counts }
}

test('nobody knows of them until somebody has looked; then the index does, and so do others', async () => {
  expect(await subtitles.tracks(ETAG, true)).toEqual([])
  await subtitles.look(playable(), asked)
  const tracks = [
    { id: 'embedded-4', lang: 'fre', title: 'Full' },
    { id: 'embedded-3', lang: 'ger', title: '' },
  ]
  expect(await subtitles.tracks(ETAG, true)).toEqual(tracks)
  const another = create()
  expect(await another.tracks(ETAG, false)).toEqual([])
  expect(await another.tracks(ETAG, true)).toEqual(tracks)
})

test('of a film that still arrives: what is there; asked again, there is more', async () => {
  const early = await subtitles.text(playable(film.length * 0.6), 4, asked)
  expect(early).toMatchObject({ isWhole: false, text: expect.stringContaining('Line 1') })
  expect(early?.text).not.toContain('Line 9')
  const late = await subtitles.text(playable(), 4, asked)
  expect(late).toMatchObject({ isWhole: true, text: expect.stringContaining('Line 9') })
  const again = playable()
  expect(await subtitles.text(again, 4, asked)).toEqual(late)
  expect(again.counts.read).toBe(0)
})

test('a track that is none of its subtitles is not there', async () => {
  expect(await subtitles.text(playable(), 1, asked)).toBeUndefined()
  expect(await subtitles.text(playable(), 9, asked)).toBeUndefined()
})

test('what another writer put into the index counts as nothing', async () => {
  index.entries.set(`tracks:${ETAG}`, { value: [{ id: 'x' }], revision: 1 })
  expect(await subtitles.tracks(ETAG, true)).toEqual([])
})

test.each([
  ['embedded-3', 3],
  ['embedded-03', undefined],
  ['3', undefined],
  ['embedded-12345678901', undefined],
])('%s is the track %s', (name, id) => {
  expect(embeddedId(name)).toBe(id)
})

test('a film that held a thread until it was ended is not looked into again at once', async () => {
  const fault = await endedJob()
  let probed = 0
  const costly = {
    async probe() {
      probed++
      throw fault
    },
  }
  const films = new ProbedFilms({ media: costly, index, log: silent })
  const embedded = new EmbeddedSubtitles(films, media)
  await expect(embedded.look(playable(), asked)).rejects.toBe(fault)
  await expect(embedded.look(playable(), asked)).rejects.toBe(fault)
  await expect(embedded.text(playable(), 3, asked)).rejects.toBe(fault)
  expect(probed).toBe(1)
})
