import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  EncodedPacketSink,
  FilePathSource,
  Input,
  type InputTrack,
  MATROSKA,
  MP4,
} from 'mediabunny'
import type { Film } from '../../media/film/film.ts'
import { Media } from '../../media/media.ts'
import { ffmpeg, filmBytes, makeFilm, openFilmFile } from '../support/films/make-film.ts'
import { loudness, samplesOf, worstStep } from '../support/films/waves.ts'

const SECONDS = 10
const AAC = ['-c:a', 'aac', '-b:a', '96k']

let folder: string
const media = new Media(2)
const asked = { signal: new AbortController().signal }
const pathOf = (name: string): string => join(folder, name)
const probe = async (name: string): Promise<Film> =>
  media.probe(await openFilmFile(pathOf(name)), asked)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-kinds-'))
  await makeFilm(pathOf('aac.mp4'), { seconds: SECONDS, audio: AAC })
})

afterAll(async () => {
  await media.close()
  await rm(folder, { recursive: true, force: true })
})

async function whole(name: string, film: Film, kind: 'video' | 'audio'): Promise<string> {
  const bytes = await openFilmFile(pathOf(name))
  const sound = () => {
    const [track] = film.audio
    if (!track) throw new Error('no sound')
    return { track, channels: 2 } as const
  }
  const made =
    kind === 'video' ? [media.videoInit(bytes, asked)] : [media.audioInit(bytes, sound(), asked)]
  for (const n of film.starts.keys()) {
    made.push(
      kind === 'video'
        ? media.videoSegment(bytes, film, n, asked)
        : media.audioSegment(bytes, film, sound(), n, asked),
    )
  }
  const path = pathOf(`${name}.${kind}.mp4`)
  await writeFile(path, Buffer.concat(await Promise.all(made)))
  return path
}

describe('sound that only the file itself describes is the same wave', () => {
  test.each([
    ['pcm24.mkv', ['pcm_s24le']],
    ['pcm32.mkv', ['pcm_s32le']],
    ['pcm8.mkv', ['pcm_u8']],
    ['pcm64.mkv', ['pcm_f64le']],
    ['pcm24.mov', ['pcm_s24be']],
    ['alac.mkv', ['alac']],
    // Its packets last a second: the one in which a segment begins has to be there.
    ['tta.mkv', ['tta']],
    ['adpcm.mkv', ['adpcm_ms']],
    ['truehd.mp4', ['truehd', '-strict', '-2', '-ac', '2']],
  ])('%s', async (name, codec) => {
    await makeFilm(pathOf(name), { seconds: SECONDS, audio: ['-c:a', ...codec] })
    const made = await samplesOf(await whole(name, await probe(name), 'audio'))
    const given = await samplesOf(pathOf(name))
    // Without the ends, where an encoder has nothing before or behind.
    const [ours, theirs] = [made, given].map((all) => all.subarray(24_000, (SECONDS - 1) * 48_000))
    if (!ours || !theirs) throw new Error('no sound')
    expect(loudness(ours) / loudness(theirs)).toBeGreaterThan(0.97)
    expect(loudness(ours) / loudness(theirs)).toBeLessThan(1.03)
    expect(worstStep(ours)).toBeLessThan(2 * worstStep(theirs) + 0.006)
  })
})

test('the languages of a transport stream are told', async () => {
  const more = ['-metadata:s:a:0', 'language=ger']
  await makeFilm(pathOf('german.ts'), { seconds: SECONDS, audio: AAC, more })
  expect((await probe('german.ts')).audio).toEqual([expect.objectContaining({ language: 'ger' })])
})

test('sound of which nothing can be made is not offered', async () => {
  await makeFilm(pathOf('ulaw.mov'), { seconds: SECONDS, audio: ['-c:a', 'pcm_mulaw'] })
  expect(await probe('ulaw.mov')).toMatchObject({ video: { isCopied: true }, audio: [] })
})

describe('MP4: picture and sound keep the distance that they have in the file', () => {
  test('sound that begins before zero, as AAC does', async () => {
    const film = await probe('aac.mp4')
    expect(film.starts[0]).toBe(0)
    for (const kind of ['video', 'audio'] as const) {
      expect(await movedBy('aac.mp4', film, kind)).toBeLessThan(0.001)
    }
  })

  test('a part that was cut out, whose first key frame lies before zero', async () => {
    await ffmpeg('-ss', '3.3', '-i', pathOf('aac.mp4'), '-c', 'copy', pathOf('part.mp4'))
    const film = await probe('part.mp4')
    expect(film.starts[0]).toBe(0)
    const by = await movedBy('part.mp4', film, 'video')
    expect(by).toBeGreaterThan(1)
    expect(Math.abs((await movedBy('part.mp4', film, 'audio')) - by)).toBeLessThan(0.001)
    const end = Math.max(
      ...(await packetsIn(await whole('part.mp4', film, 'video'), 'video')).values(),
    )
    expect(Math.abs(end - film.duration)).toBeLessThan(0.1)
  })
})

/** How much later each packet comes than in the file: all of them the same. */
async function movedBy(name: string, film: Film, kind: 'video' | 'audio'): Promise<number> {
  const given = await packetsIn(pathOf(name), kind)
  const made = await packetsIn(await whole(name, film, kind), kind)
  const moved = [...made].map(([data, time]) => time - (given.get(data) ?? Number.NaN))
  expect(moved.length).toBeGreaterThan(100)
  expect(Math.max(...moved) - Math.min(...moved)).toBeLessThan(0.001)
  return moved[0] ?? Number.NaN
}

/** Times of the packets, by what is in them; those that come twice are left out. */
async function packetsIn(path: string, kind: 'video' | 'audio'): Promise<Map<string, number>> {
  using input = new Input({ source: new FilePathSource(path), formats: [MP4, MATROSKA] })
  const track: InputTrack | null =
    kind === 'video' ? await input.getPrimaryVideoTrack() : await input.getPrimaryAudioTrack()
  if (!track) throw new Error('no track')
  const times = new Map<string, number>()
  const twice = new Set<string>()
  for await (const { data, timestamp } of new EncodedPacketSink(track).packets()) {
    const name = Buffer.from(data).toString('base64')
    if (times.has(name)) twice.add(name)
    times.set(name, timestamp)
  }
  for (const name of twice) times.delete(name)
  return times
}

test('a cover that stands in front of the picture is not taken for it', async () => {
  const cover = ['-f', 'lavfi', '-i', 'color=red:s=60x60:d=0.04']
  const as = ['-c', 'copy', '-c:v:0', 'mjpeg', '-pix_fmt:v:0', 'yuvj420p']
  const name = pathOf('cover.mkv')
  await ffmpeg(...cover, '-i', pathOf('aac.mp4'), '-map', '0', '-map', '1', ...as, name)
  const film = await probe('cover.mkv')
  expect(film.video).toMatchObject({ width: 160, height: 90, isCopied: true })
  expect(Math.abs(film.duration - SECONDS)).toBeLessThan(0.1)
})

test('an interlaced picture in a transport stream is as high as its frames, not as its fields', async () => {
  const video = [
    '-vf',
    'pad=160:92,interlace,setsar=4/3',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
  ]
  const fields = ['-flags', '+ilme+ildct', '-g', '48']
  const plan = { seconds: SECONDS, video: [...video, ...fields], audio: ['-c:a', 'ac3'] }
  await makeFilm(pathOf('fields.ts'), plan)
  const film = await probe('fields.ts')
  // 160 columns of 4:3.
  expect(film.video).toMatchObject({ width: 213, height: 92 })
  using input = new Input({
    source: new FilePathSource(await whole('fields.ts', film, 'video')),
    formats: [MP4],
  })
  expect(await (await input.getPrimaryVideoTrack())?.getCodedHeight()).toBe(92)
})

test('packets without bytes, for frames that were dropped, are left out', async () => {
  const kept = pathOf('kept.mkv')
  await ffmpeg('-i', pathOf('aac.mp4'), '-c', 'copy', kept)
  const bytes = emptied(await readFile(kept))
  const film = await media.probe(filmBytes(bytes), asked)
  expect(film.starts.length).toBeGreaterThan(1)
  const made: Uint8Array[] = [await media.videoInit(filmBytes(bytes), asked)]
  for (const n of film.starts.keys()) {
    made.push(await media.videoSegment(filmBytes(bytes), film, n, asked))
  }
  await writeFile(pathOf('dropped.mp4'), Buffer.concat(made))
  using input = new Input({ source: new FilePathSource(pathOf('dropped.mp4')), formats: [MP4] })
  const track = await input.getPrimaryVideoTrack()
  if (!track) throw new Error('no picture')
  const sizes: number[] = []
  for await (const { data } of new EncodedPacketSink(track).packets()) sizes.push(data.length)
  expect(Math.min(...sizes)).toBeGreaterThan(0)
  expect(sizes.length).toBeGreaterThan(100)
  expect(sizes.length).toBeLessThan(230)
})

/** Each fifth frame that is no key frame as a block of no data, and a Void behind it (RFC 8794 11.3.2). */
function emptied(film: Buffer): Buffer {
  const bytes = Buffer.from(film)
  let count = 0
  for (
    let at = bytes.indexOf(0xa3);
    at >= 0 && at + 7 < bytes.length;
    at = bytes.indexOf(0xa3, at + 1)
  ) {
    const length = bytes.readUInt16BE(at + 1) - 0x4000
    const isFollowed = length > 100 && length < 0x3000 && bytes[at + 3 + length] === 0xa3
    // SimpleBlock of track 1; flags but that of a key frame.
    if (!isFollowed || bytes[at + 3] !== 0x81 || (bytes[at + 6] ?? 0) > 1) continue
    if (count++ % 5 > 0) continue
    bytes.writeUInt16BE(0x4004, at + 1)
    bytes[at + 7] = 0xec
    bytes.writeUInt16BE(0x4000 + length - 7, at + 8)
  }
  return bytes
}
