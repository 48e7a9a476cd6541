import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Media } from '../../media/media.ts'
import { ffmpeg, filmBytes, makeFilm } from '../support/films/make-film.ts'

const SECONDS = 30
const CUES = 10
const media = new Media(2)
const asked = { signal: new AbortController().signal }
const stamp = (at: number): string => `00:00:${String(at).padStart(2, '0')}`
/** A line every three seconds, each for two. */
const SRT = Array.from({ length: CUES }, (_, n) => {
  const at = n * 3
  return `${n + 1}\n${stamp(at)},500 --> ${stamp(at + 2)},500\n<i>Line ${n}</i> & more\n`
}).join('\n')
const CHAPTERS = `;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=12000
title=Intro
[CHAPTER]
TIMEBASE=1/1000
START=12000
END=30000
title=Das Übrige
`
const films = new Map<string, Buffer>()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-text-'))
  const path = (name: string) => join(folder, name)
  await writeFile(path('words.srt'), SRT)
  await writeFile(path('chapters.txt'), CHAPTERS)
  const noise = ['-c:a', 'pcm_s16le']
  await makeFilm(path('film.mkv'), { seconds: SECONDS, audio: noise })
  const inputs = ['film.mkv', 'words.srt', 'chapters.txt'].flatMap((name) => ['-i', path(name)])
  const maps = ['-map', '0:v', '-map', '0:a', '-map', '1', '-map', '1', '-map_chapters', '2']
  const named = ['-metadata:s:s:0', 'language=ger', '-metadata:s:s:1', 'language=fra']
  const copied = [...inputs, ...maps, '-c:v', 'copy', '-c:a', 'copy', ...named]
  await ffmpeg(...copied, '-c:s:0', 'srt', '-c:s:1', 'ass', path('text.mkv'))
  const aac = ['-c:a', 'aac', '-c:s', 'mov_text']
  await ffmpeg(...copied, ...aac, path('last.mp4'))
  await ffmpeg(...copied, ...aac, '-movflags', '+faststart', path('first.mp4'))
  for (const name of ['text.mkv', 'last.mp4', 'first.mp4'])
    films.set(name, await readFile(path(name)))
})

afterAll(async () => {
  await media.close()
  await rm(folder, { recursive: true, force: true })
})

const film = (name: string) => filmBytes(films.get(name) ?? Buffer.alloc(0))
const cuesIn = (vtt: string): readonly string[] =>
  vtt
    .split('\n\n')
    .slice(1)
    .map((one) => one.trim())
const EXPECTED = Array.from(
  { length: CUES },
  (_, n) => `${stamp(n * 3)}.500 --> ${stamp(n * 3 + 2)}.500\n<i>Line ${n}</i> &amp; more`,
)

describe.each([
  ['text.mkv', ['ger', 'fra']],
  ['last.mp4', ['deu', 'fra']],
  ['first.mp4', ['deu', 'fra']],
])('text tracks within %s', (name) => {
  test('all lines of each, and little else is read', async () => {
    const bytes = film(name)
    const { subtitles, chapters } = await media.probe(bytes, asked)
    expect(subtitles.map(({ language }) => language)).toHaveLength(2)
    expect(subtitles.map(({ isIndexed }) => isIndexed)).toEqual([true, true])
    expect(chapters).toEqual([
      { at: 0, title: 'Intro' },
      { at: 12, title: 'Das Übrige' },
    ])
    bytes.counts.read = 0
    for (const { id } of subtitles) {
      const plain = cuesIn(await media.wholeText(bytes, id, asked)).map((one) =>
        one.replace(/<\/?i>/g, ''),
      )
      expect(plain).toEqual(EXPECTED.map((one) => one.replace(/<\/?i>/g, '')))
    }
    expect(bytes.counts.read).toBeLessThan(bytes.size / 3)
  })

  test('in segments: each line once', async () => {
    const bytes = film(name)
    const found = await media.probe(bytes, asked)
    const [track] = found.subtitles
    const segments = await Promise.all(
      found.starts.map((_, n) => media.textSegment(bytes, found, track?.id ?? 0, n, asked)),
    )
    expect(segments.length).toBeGreaterThan(2)
    expect(segments[0]).toContain('X-TIMESTAMP-MAP')
    expect(
      segments.flatMap((one) => cuesIn(one.replace('\nX-TIMESTAMP', '\n\nX')).slice(1)),
    ).toHaveLength(CUES)
  })

  test('of a film that still arrives: what is there', async () => {
    const bytes = film(name)
    const { subtitles } = await media.probe(bytes, asked)
    const half = Math.floor(bytes.size / 2)
    const arriving = {
      ...bytes,
      has: ({ end }: { readonly end: number }) => end < half,
    }
    const cues = cuesIn(await media.wholeText(arriving, subtitles[0]?.id ?? 0, asked))
    expect(cues.length).toBeGreaterThan(1)
    expect(cues.length).toBeLessThan(CUES)
    const plain = EXPECTED.slice(0, cues.length).map((one) => one.replace(/<\/?i>/g, ''))
    expect(cues.map((one) => one.replace(/<\/?i>/g, ''))).toEqual(plain)
  })
})

test('bytes that were changed anywhere end in an answer or a refusal', async () => {
  let seed = 7
  const random = (max: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed % max
  }
  for (let n = 0; n < 60; n++) {
    const whole = Buffer.from(films.get(n % 2 === 0 ? 'text.mkv' : 'first.mp4') ?? [])
    for (let i = 0; i < 20; i++) whole[random(Math.min(whole.length, 20_000))] = random(256)
    const bytes = filmBytes(whole)
    for (const id of [1, 2, 3, 4]) {
      const text = media.wholeText(bytes, id, asked).catch((error: { code?: string }) => error.code)
      expect(await text).toMatch(/^WEBVTT|^MEDIA_UNREADABLE$/)
    }
  }
})
