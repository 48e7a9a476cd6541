import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EncodedPacketSink, FilePathSource, Input, MP4 } from 'mediabunny'
import { Encoder } from '../../media/ffmpeg/encoder.ts'
import type { Film } from '../../media/film/film.ts'
import { Media } from '../../media/media.ts'
import { ffprobe, makeFilm, openFilmFile } from '../support/films/make-film.ts'

const SECONDS = 14
const AC3 = ['-c:a', 'ac3', '-b:a', '96k']
/** Each with frames that are shown before the key frame in front of them. */
const FILMS = {
  'xvid.mkv': ['-c:v', 'mpeg4', '-q:v', '5', '-bf', '2', '-g', '48'],
  'mpeg2.mkv': ['-c:v', 'mpeg2video', '-q:v', '5', '-bf', '2', '-g', '48', '-sc_threshold', '0'],
  'hi10p.mkv': [
    ...['-pix_fmt', 'yuv420p10le', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2'],
    ...['-g', '48', '-x264-params', 'open-gop=1'],
  ],
  // What a decoder is told of it lies in its first packet, not in its head.
  'vp9.mkv': ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '48'],
  'hevc.ts': [
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'],
    'log-level=none:keyint=48:open-gop=1:bframes=3',
  ],
}
type Name = keyof typeof FILMS

let folder: string
/** A machine that is fast enough for the best, and has all the time for its trial. */
const fast = (cores: number) => new Encoder({ cores, now: () => 0, trialMs: 300_000 })
const media = new Media(2, fast(2))
const asked = { signal: new AbortController().signal }
const pathOf = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-encoded-'))
  for (const [name, video] of Object.entries(FILMS)) {
    await makeFilm(pathOf(name), { seconds: SECONDS, video, audio: AC3 })
  }
})

afterAll(async () => {
  await media.close()
  await rm(folder, { recursive: true, force: true })
})

/** As they stand in the fragments. */
async function timesOf(path: string): Promise<readonly number[]> {
  using input = new Input({ source: new FilePathSource(path), formats: [MP4] })
  const track = await input.getPrimaryVideoTrack()
  if (!track) throw new Error('no picture')
  const times: number[] = []
  for await (const packet of new EncodedPacketSink(track).packets()) times.push(packet.timestamp)
  return times.sort((a, b) => a - b)
}

async function framesOf(path: string): Promise<readonly number[]> {
  const show = ['-select_streams', 'v', '-show_entries', 'frame=best_effort_timestamp_time']
  const text = await ffprobe(...show, '-of', 'csv=p=0', path)
  const times = text.match(/[\d.]+/g) ?? []
  return times.map(Number)
}

describe.each(Object.keys(FILMS) as Name[])('%s', (name) => {
  let film: Film
  beforeAll(async () => {
    film = await media.probe(await openFilmFile(pathOf(name)), asked)
  })

  test('is encoded so that each frame is shown once, at its time, in any segment', async () => {
    const bytes = await openFilmFile(pathOf(name))
    const segments: Uint8Array[] = []
    for (const n of film.starts.keys()) {
      segments.push(await media.encodedSegment(bytes, film, { rung: 720, n }, asked))
    }
    const init = await media.encodedInit(film, 720, asked)
    const path = pathOf(`${name}.mp4`)
    await writeFile(path, Buffer.concat([init, ...segments]))
    const [made, given] = [await timesOf(path), await framesOf(pathOf(name))]
    const shown = await framesOf(path)
    expect(shown.length).toBe(made.length)
    const late = film.isIndexed ? 0 : (given[0] ?? 0)
    // In the file's first group frames may be missing that need one before it.
    expect(given.length - made.length).toBeLessThanOrEqual(film.isIndexed ? 0 : 3)
    const wanted = given.slice(given.length - made.length).map((time) => time - late)
    const off = made.map((time, n) => Math.abs(time - (wanted[n] ?? 0)))
    expect(Math.max(...off)).toBeLessThan(0.0025)
    const codec = await ffprobe(
      ...['-select_streams', 'v', '-show_entries', 'stream=codec_name,profile,width,height'],
      ...['-of', 'csv=p=0', path],
    )
    expect(codec.trim()).toBe('h264,High,160,90')
    // One head for all of them: no segment brings another.
    expect(segments.map((one) => Buffer.from(one.slice(4, 8)).toString())).toEqual(
      segments.map(() => 'moof'),
    )
  })
})

test('the same bytes come to the same segment, whoever makes it', async () => {
  const other = new Media(1, fast(1))
  try {
    const bytes = await openFilmFile(pathOf('xvid.mkv'))
    const film = await media.probe(bytes, asked)
    expect(await other.strength).toEqual(await media.strength)
    const both = async (one: Media) =>
      createHash('sha256')
        .update(await one.encodedSegment(bytes, film, { rung: 360, n: 1 }, asked))
        .digest('hex')
    expect(await both(other)).toBe(await both(media))
    expect(await media.encodedInit(film, 360, asked)).toEqual(
      await other.encodedInit(film, 360, asked),
    )
  } finally {
    await other.close()
  }
})

test('a server that encodes nothing has no such segment', async () => {
  const other = new Media(1)
  try {
    const bytes = await openFilmFile(pathOf('xvid.mkv'))
    const film = await other.probe(bytes, asked)
    expect(film.video).toMatchObject({ codec: 'V_MPEG4/ISO/ASP', isCopied: false })
    await expect(
      other.encodedSegment(bytes, film, { rung: 720, n: 0 }, asked),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(other.videoSegment(bytes, film, 0, asked)).rejects.toMatchObject({
      code: 'MEDIA_UNREADABLE',
    })
  } finally {
    await other.close()
  }
})
