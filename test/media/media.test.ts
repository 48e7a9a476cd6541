import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Film } from '../../media/film/film.ts'
import { Media } from '../../media/media.ts'
import { segmentLengths } from '../../media/playlists/media-playlist.ts'
import { soundTimes } from '../../media/playlists/segment-grid.ts'
import { ffmpeg, ffprobe, filmBytes, makeFilm, openFilmFile } from '../support/films/make-film.ts'
import { loudness, offBy, samplesOf, worstStep } from '../support/films/waves.ts'

const SECONDS = 20
const AC3 = ['-c:a', 'ac3', '-b:a', '96k', '-metadata:s:a:0', 'language=fra']
const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params']
const OPEN_GOP = 'log-level=none:keyint=48:open-gop=1:bframes=3'
/** What each is made with; all last as long, but for the last frame. */
const FILMS = {
  'ac3.mkv': { audio: [...AC3, '-metadata:s:a:0', 'title=Une "piste"'] },
  'last.mp4': { audio: ['-c:a', 'aac', '-b:a', '96k'] },
  'hevc.mkv': { video: [...HEVC, OPEN_GOP], audio: ['-c:a', 'flac'] },
  'dts.mkv': { audio: ['-c:a', 'dca', '-strict', '-2', '-ac', '2'] },
  'truehd.mkv': { audio: ['-c:a', 'truehd', '-strict', '-2', '-ac', '2'] },
  'cueless.mkv': { audio: AC3, more: ['-live', '1'] },
  'ac3.ts': { audio: AC3 },
  'ac3.m2ts': { audio: AC3, more: ['-mpegts_m2ts_mode', '1'] },
  'ac3.mp4': { audio: [...AC3, '-movflags', '+faststart'] },
} as const
type Name = keyof typeof FILMS
/** It has no index. */
const isGridded = (name: string): boolean => name.endsWith('ts') || name === 'cueless.mkv'

let folder: string
const media = new Media(2)
const asked = { signal: new AbortController().signal }
const pathOf = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-media-'))
  for (const [name, plan] of Object.entries(FILMS)) {
    await makeFilm(pathOf(name), { seconds: SECONDS, ...plan })
  }
})

afterAll(async () => {
  await media.close()
  await rm(folder, { recursive: true, force: true })
})

const sum = (lengths: readonly number[]): number => lengths.reduce((all, one) => all + one, 0)

/** All segments of a rendition behind its head, as a player would put them together. */
async function whole(name: Name, film: Film, isAudio: boolean): Promise<string> {
  const bytes = await openFilmFile(pathOf(name))
  const [track] = film.audio
  if (!track) throw new Error('no sound')
  const segments = film.starts.map((_, n) =>
    isAudio
      ? media.audioSegment(bytes, film, { track, channels: 2 }, n, asked)
      : media.videoSegment(bytes, film, n, asked),
  )
  const init = isAudio
    ? media.audioInit(bytes, { track, channels: 2 }, asked)
    : media.videoInit(bytes, asked)
  const path = pathOf(`${name}.${isAudio ? 'audio' : 'video'}.mp4`)
  await writeFile(path, Buffer.concat(await Promise.all([init, ...segments])))
  return path
}

interface Packet {
  readonly pts: number
  readonly dts: number
}

async function packetsOf(path: string, stream: string): Promise<readonly Packet[]> {
  const show = ['-select_streams', stream, '-show_entries', 'packet=pts_time,dts_time']
  const text = await ffprobe(...show, '-of', 'csv=p=0', path)
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(','))
    .map(([pts, dts]) => ({ pts: Number(pts), dts: Number(dts) }))
}

describe.each(Object.keys(FILMS) as Name[])('%s', (name) => {
  let film: Film
  beforeAll(async () => {
    film = await media.probe(await openFilmFile(pathOf(name)), asked)
  })

  test('is cut at key frames that are far enough apart, and nothing of it is left out', () => {
    const lengths = segmentLengths(film)
    expect(lengths.length).toBe(isGridded(name) ? 3 : 6)
    const least = isGridded(name) ? [8, 8] : [2, 3, 3, 3, 3]
    expect(least.every((seconds, n) => (lengths[n] ?? 0) >= seconds)).toBe(true)
    expect(Math.abs(sum(lengths) - SECONDS)).toBeLessThan(0.05)
    expect(Math.abs(sum(segmentLengths(film, film.audio[0])) - SECONDS)).toBeLessThan(0.05)
  })

  test('the picture: every frame once, in order, without a gap at a border', async () => {
    const path = await whole(name, film, false)
    const [made, given] = [await packetsOf(path, 'v'), await packetsOf(pathOf(name), 'v')]
    // From the first one on: ffprobe shows all of a fragment later where offsets are negative.
    const times = (packets: readonly Packet[]) => {
      const sorted = packets.map(({ pts }) => pts).sort((a, b) => a - b)
      return sorted.map((pts) => pts - (sorted[0] ?? 0))
    }
    const wanted = times(given)
    // Matroska's own times are rounded to a millisecond.
    expect(made.length).toBe(given.length)
    const off = times(made).map((time, n) => Math.abs(time - (wanted[n] ?? 0)))
    expect(Math.max(...off)).toBeLessThan(0.0025)
    const steps = made.slice(1).map(({ dts }, n) => dts - (made[n]?.dts ?? 0))
    expect(Math.min(...steps)).toBeGreaterThan(0.038)
    expect(Math.max(...steps)).toBeLessThan(0.046)
  })

  test('the sound: the same wave at the same time, and no click at a border', async () => {
    const path = await whole(name, film, true)
    const late = isGridded(name) ? await soundBefore(pathOf(name)) : 0
    const made = await samplesOf(path)
    const given = (await samplesOf(pathOf(name))).subarray(late)
    expect(Math.abs(made.length - given.length) / 48_000).toBeLessThan(0.1)
    // The ends are left out: there an encoder has nothing before or behind.
    const borders = film.starts
      .slice(1)
      .map((_, n) => Math.round((soundTimes(film, n + 1)?.from ?? 0) * 48_000))
    for (const border of borders) {
      const at = border - 4800
      const [ours, theirs] = [made.subarray(at, at + 9600), given.subarray(at, at + 9600)]
      expect(loudness(ours)).toBeGreaterThan(0.9 * loudness(theirs))
      // Its packets are shorter than the millisecond that Matroska rounds to: their place is not exact.
      if (name === 'truehd.mkv') continue
      expect(worstStep(ours)).toBeLessThan(2 * worstStep(theirs) + 0.004)
      expect(offBy(ours, theirs)).toBeLessThan(0.03)
    }
  })
})

/** Samples of sound before the first frame is shown, which is where a film without an index begins for us. */
async function soundBefore(path: string): Promise<number> {
  const [video, audio] = [await packetsOf(path, 'v'), await packetsOf(path, 'a')]
  const shown = Math.min(...video.map(({ pts }) => pts))
  return Math.max(0, Math.round((shown - (audio[0]?.pts ?? 0)) * 48_000))
}

test('tracks are named as the file names them', async () => {
  const film = await media.probe(await openFilmFile(pathOf('ac3.mkv')), asked)
  expect(film.audio).toEqual([
    expect.objectContaining({
      codec: 'ac-3',
      language: 'fra',
      title: 'Une "piste"',
      isCopied: false,
    }),
  ])
  const copied = await media.probe(await openFilmFile(pathOf('last.mp4')), asked)
  expect(copied.audio).toEqual([expect.objectContaining({ codec: 'mp4a.40.2', isCopied: true })])
  const truehd = await media.probe(await openFilmFile(pathOf('truehd.mkv')), asked)
  expect(truehd.audio).toEqual([expect.objectContaining({ codec: 'A_TRUEHD' })])
})

test('a look at a film reads its head and its index, and nothing else', async () => {
  const bytes = await openFilmFile(pathOf('ac3.mkv'))
  // A film of two hours: the same head and tail around what is never looked at would be the same.
  await media.probe(bytes, asked)
  expect(bytes.counts.read).toBeLessThan(1 << 20)
})

test('the sound of a place is made of the bytes of its picture, and of none before', async () => {
  const bytes = await openFilmFile(pathOf('ac3.mkv'))
  const film = await media.probe(bytes, asked)
  const [track] = film.audio
  const n = 3
  const [before, place] = [film.places?.[n - 1] ?? 0, film.places?.[n] ?? 0]
  if (!track) throw new Error('no sound')
  const from: number[] = []
  const read: typeof bytes.read = (range) => {
    from.push(range.start)
    return bytes.read(range)
  }
  await media.audioSegment({ ...bytes, read }, film, { track, channels: 2 }, n, asked)
  expect(from.some((at) => at >= place)).toBe(true)
  expect(from.filter((at) => at >= before && at < place)).toEqual([])
})

test('the same bytes come to the same segment, whoever makes it', async () => {
  const other = new Media(1)
  try {
    const bytes = await openFilmFile(pathOf('ac3.mkv'))
    const film = await media.probe(bytes, asked)
    const [track] = film.audio
    if (!track) throw new Error('no sound')
    const both = (one: Media) =>
      Promise.all([
        one.videoSegment(bytes, film, 1, asked),
        one.audioSegment(bytes, film, { track, channels: 2 }, 1, asked),
      ])
    expect(await both(other)).toEqual(await both(media))
  } finally {
    await other.close()
  }
})

test('a transport stream whose key frames lie farther apart than segments has none that is empty', async () => {
  const far = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '480', '-sc_threshold', '0']
  await makeFilm(pathOf('far.ts'), { seconds: SECONDS, video: far, audio: AC3 })
  const bytes = await openFilmFile(pathOf('far.ts'))
  const film = await media.probe(bytes, asked)
  const segments = await Promise.all(
    film.starts.map((_, n) => media.videoSegment(bytes, film, n, asked)),
  )
  expect(segments.length).toBe(3)
  expect(Math.min(...segments.map(({ length }) => length))).toBeGreaterThan(10_000)
})

describe('Matroska whose index is of no use is cut on the grid', () => {
  const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75])
  const CUES = Buffer.from([0x1c, 0x53, 0xbb, 0x6b])

  test.each([
    ['cut off before its Cues', (good: Buffer) => good.subarray(0, good.lastIndexOf(CUES))],
    [
      'with Cues that point nowhere',
      (good: Buffer) => {
        // A Void of ten bytes in front of the first cluster: all that is behind it has moved.
        const at = good.indexOf(CLUSTER)
        const pad = Buffer.from([0xec, 0x88, 0, 0, 0, 0, 0, 0, 0, 0])
        return Buffer.concat([good.subarray(0, at), pad, good.subarray(at)])
      },
    ],
    [
      'with another film’s Cues',
      (good: Buffer) => {
        const bytes = Buffer.from(good)
        // CueClusterPosition of the first: F1, a length, a number.
        const at = bytes.indexOf(0xf1, bytes.lastIndexOf(CUES))
        bytes.fill(0x7f, at + 2, at + 2 + ((bytes[at + 1] ?? 0) & 0x7f))
        return bytes
      },
    ],
  ])('%s', async (_, change) => {
    const bytes = filmBytes(change(await readFile(pathOf('ac3.mkv'))))
    const film = await media.probe(bytes, asked)
    expect(film.starts).toEqual([0, 8, 16])
    expect(Math.abs(film.duration - SECONDS)).toBeLessThan(0.1)
    const segments = await Promise.all(
      film.starts.map((_start, n) => media.videoSegment(bytes, film, n, asked)),
    )
    expect(Math.min(...segments.map(({ length }) => length))).toBeGreaterThan(10_000)
  })
})

describe('subtitles within the file', () => {
  const SRT = `1
00:00:01,000 --> 00:00:02,500
<i>First</i> & <font color="red">red</font>

2
00:00:05,000 --> 00:00:08,000
Over a border

3
00:00:13,000 --> 00:00:14,000
Third
`

  test.each(['srt', 'ass', 'webvtt'])(
    '%s comes as WebVTT, each cue in one segment',
    async (codec) => {
      await writeFile(pathOf('words.srt'), SRT)
      const name = pathOf(`words-${codec}.mkv`)
      const inputs = ['-i', pathOf('ac3.mkv'), '-i', pathOf('words.srt')]
      const named = ['-metadata:s:s:0', 'language=ger', '-metadata:s:s:0', 'title=Words']
      await ffmpeg(...inputs, '-map', '0', '-map', '1', '-c', 'copy', '-c:s', codec, ...named, name)
      const bytes = await openFilmFile(name)
      const film = await media.probe(bytes, asked)
      expect(film.subtitles).toEqual([
        { id: 3, language: 'ger', title: 'Words', isForced: false, isIndexed: true },
      ])
      const segments = await Promise.all(
        film.starts.map((_, n) => media.textSegment(bytes, film, 3, n, asked)),
      )
      const head = 'WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n'
      expect(segments.every((text) => text.startsWith(head))).toBe(true)
      const cues = segments.map((text) =>
        text
          .slice(head.length)
          .replace(/<\/?i>/g, '')
          .trim(),
      )
      expect(cues).toEqual([
        '00:00:01.000 --> 00:00:02.500\nFirst &amp; red',
        '00:00:05.000 --> 00:00:08.000\nOver a border',
        '',
        '00:00:13.000 --> 00:00:14.000\nThird',
        '',
        '',
      ])
    },
  )
})

describe('what is no film, or a broken one, ends with a sentence', () => {
  const refused = (message: RegExp) => ({
    code: 'MEDIA_UNREADABLE',
    message: expect.stringMatching(message),
  })

  test.each([
    ['noise', () => Buffer.alloc(300_000, 7), /neither MKV/],
    ['nothing', () => Buffer.alloc(1), /./],
  ])('%s', async (_, bytes, message) => {
    await expect(media.probe(filmBytes(bytes()), asked)).rejects.toMatchObject(refused(message))
  })

  test('Matroska without an index, and without pictures behind its head', async () => {
    const good = await readFile(pathOf('cueless.mkv'))
    const cluster = Buffer.from([0x1f, 0x43, 0xb6, 0x75])
    const bytes = filmBytes(good.subarray(0, good.indexOf(cluster)))
    await expect(media.probe(bytes, asked)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' })
  })

  test('sound alone', async () => {
    await ffmpeg('-i', pathOf('ac3.mkv'), '-map', '0:a', '-c', 'copy', pathOf('sound.mka'))
    const bytes = await openFilmFile(pathOf('sound.mka'))
    await expect(media.probe(bytes, asked)).rejects.toMatchObject(refused(/no picture/))
  })

  test.each(['ac3.mkv', 'ac3.ts', 'cueless.mkv'])(
    '%s with wrong bytes anywhere is served, or refused, and the next one is served',
    async (name) => {
      const good = await readFile(pathOf(name))
      const film = await media.probe(filmBytes(good), asked)
      for (let seed = 1; seed <= 24; seed++) {
        const bytes = Buffer.from(good)
        // A linear generator of numbers: the same films each time.
        let at = seed * 7919
        for (let n = 0; n < 200; n++) {
          at = (at * 48_271) % 2_147_483_647
          bytes[at % (seed % 2 === 0 ? bytes.length : 4000)] = at & 255
        }
        const broken = filmBytes(bytes)
        const made = await media
          .probe(broken, asked)
          .then((own) => media.videoSegment(broken, own, 1, asked))
          .catch((error: unknown) => error)
        const isEnded = ArrayBuffer.isView(made) || (made as { code?: string }).code !== undefined
        expect([seed, isEnded]).toEqual([seed, true])
      }
      expect((await media.videoSegment(filmBytes(good), film, 1, asked)).length).toBeGreaterThan(
        1000,
      )
    },
  )
})

test('a day without key frames and without sound is no segment, and is not converted', async () => {
  const bytes = await openFilmFile(pathOf('ac3.mkv'))
  const film = await media.probe(bytes, asked)
  const [track] = film.audio
  if (!track) throw new Error('no sound')
  const sparse = { ...film, starts: [0], duration: 86_000 }
  const read = bytes.counts.read
  await expect(
    media.audioSegment(bytes, sparse, { track, channels: 2 }, 0, asked),
  ).rejects.toMatchObject({ message: expect.stringContaining('lie too far apart') })
  expect(bytes.counts.read).toBe(read)
})

test('who leaves waits no longer, and what could not be read is told as it was', async () => {
  const leaving = new AbortController()
  const never = {
    size: 1 << 20,
    read: () => ({ read: () => new Promise<number>(() => {}), close() {} }),
  }
  const left = expect(media.probe(never, { signal: leaving.signal })).rejects.toThrow('gone')
  leaving.abort(new Error('gone'))
  const failing = {
    size: 1 << 20,
    read: () => ({ read: () => Promise.reject(new Error('no such piece')), close() {} }),
  }
  await expect(media.probe(failing, asked)).rejects.toThrow('no such piece')
  await left
})
