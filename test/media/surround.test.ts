import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AudioTrack, Film, FilmBytes } from '../../media/film/film.ts'
import { hasSurround } from '../../media/film/surround.ts'
import { Media, type Sound } from '../../media/media.ts'
import { ffmpeg, ffprobe, openFilmFile } from '../support/films/make-film.ts'

const SECONDS = 14
const RATE = 48_000
/** A tone for each channel, in the order of FL FR FC LFE and the two behind: hertz. */
const TONES = [300, 500, 700, 60, 1100, 1700]
const CHANNELS = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR']
const CODECS = {
  ac3: ['ac3', '-b:a:0', '640k'],
  eac3: ['eac3', '-b:a:1', '640k'],
  dts: ['dca', '-b:a:2', '1411k'],
  truehd: ['truehd'],
  flac: ['flac'],
  pcm: ['pcm_s16le'],
}
const NAMES = Object.keys(CODECS) as (keyof typeof CODECS)[]

let folder: string
let film: Film
let bytes: FilmBytes
const media = new Media(2)
const asked = { signal: new AbortController().signal }

/** One film with a track of each codec, and one in stereo. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-surround-'))
  const path = join(folder, 'film.mkv')
  const waves = TONES.map((hertz) => `0.1*sin(${hertz}*2*PI*t)`).join('|')
  // Of the side, as AC-3 and DTS have those behind.
  const tones = `aevalsrc='${waves}':c=5.1(side):s=${RATE}:d=${SECONDS}`
  const picture = `testsrc2=s=160x90:r=24000/1001:d=${SECONDS}`
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '48', '-pix_fmt', 'yuv420p']
  const sounds = Object.values(CODECS).flatMap(([codec = '', ...more], n) => [
    ...['-map', '1:a', `-c:a:${n}`, codec, ...more],
  ])
  const stereo = ['-map', '1:a', '-c:a:6', 'ac3', '-ac:a:6', '2']
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tones]
  await ffmpeg(...inputs, '-map', '0:v', ...h264, ...sounds, ...stereo, '-strict', '-2', path)
  bytes = await openFilmFile(path)
  film = await media.probe(bytes, asked)
})

afterAll(async () => {
  await media.close()
  await rm(folder, { recursive: true, force: true })
})

const trackOf = (n: number): AudioTrack => {
  const track = film.audio[n]
  if (!track) throw new Error('no sound')
  return track
}

/** All segments behind their head, as a player would put them together. */
async function whole(sound: Sound): Promise<string> {
  const segments = film.starts.map((_, n) => media.audioSegment(bytes, film, sound, n, asked))
  const path = join(folder, `${sound.track.id}-${sound.channels}.mp4`)
  const parts = await Promise.all([media.audioInit(bytes, sound, asked), ...segments])
  await writeFile(path, Buffer.concat(parts))
  return path
}

/** One array a channel. @param which arguments that say what of it */
async function channelsOf(path: string, ...which: string[]): Promise<readonly Float32Array[]> {
  const { stdout } = await ffmpeg('-i', path, ...which, '-f', 'f32le', '-')
  const { buffer, byteOffset, length } = stdout
  const all = new Float32Array(buffer.slice(byteOffset, byteOffset + length))
  const many = CHANNELS.length
  return CHANNELS.map((_, channel) => {
    const own = new Float32Array(Math.floor(all.length / many))
    for (let n = 0; n < own.length; n++) own[n] = all[n * many + channel] ?? 0
    return own
  })
}

/** How much of a tone is in it, per sample. */
function shareOf(hertz: number, samples: Float32Array): number {
  const step = (2 * Math.PI * hertz) / RATE
  let [cosine, sine] = [0, 0]
  for (let n = 0; n < samples.length; n++) {
    cosine += (samples[n] ?? 0) * Math.cos(step * n)
    sine += (samples[n] ?? 0) * Math.sin(step * n)
  }
  return Math.hypot(cosine, sine) / samples.length
}

/** How far it is from a pure tone at its worst sample: a click is far. */
function worstStep(hertz: number, samples: Float32Array): number {
  const twice = 2 * Math.cos((2 * Math.PI * hertz) / RATE)
  let worst = 0
  for (let n = 1; n + 1 < samples.length; n++) {
    const [before, at, after] = [samples[n - 1] ?? 0, samples[n] ?? 0, samples[n + 1] ?? 0]
    worst = Math.max(worst, Math.abs(after - twice * at + before))
  }
  return worst
}

test('what has more than stereo can be had with six channels', () => {
  expect(film.audio.map(hasSurround)).toEqual([...NAMES.map(() => true), false])
  expect(hasSurround({ ...trackOf(0), isCopied: true })).toBe(false)
})

test.each(NAMES.map((name, n) => [name, n] as const))(
  '%s: six channels, each tone where it belongs, no gap and no click at a border',
  async (_name, n) => {
    const path = await whole({ track: trackOf(n), channels: 6 })
    const shown = ['-show_entries', 'stream=codec_name,channels,channel_layout', '-of', 'csv=p=0']
    expect((await ffprobe(...shown, path)).trim()).toBe('aac,6,5.1')

    const times = await ffprobe('-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path)
    const at = times.trim().split('\n').map(Number.parseFloat)
    const steps = at.slice(1).map((time, m) => (time - (at[m] ?? 0)) * RATE)
    expect(steps.every((samples) => Math.abs(samples - 1024) < 1)).toBe(true)

    const channels = await channelsOf(path)
    const given = await channelsOf(join(folder, 'film.mkv'), '-map', `0:a:${n}`, '-t', '2')
    for (const [own, samples] of channels.entries()) {
      // A tenth of a second, and whole waves of every tone.
      const middle = samples.subarray(RATE, RATE + RATE / 10)
      const shares = TONES.map((hertz) => shareOf(hertz, middle))
      const [loudest = 0, next = 0] = shares.toSorted((a, b) => b - a)
      expect([CHANNELS[own], shares.indexOf(loudest)]).toEqual([CHANNELS[own], own])
      expect(loudest).toBeGreaterThan(30 * next)
      const before = shareOf(
        TONES[own] ?? 0,
        given[own]?.subarray(RATE, RATE + RATE / 10) ?? samples,
      )
      expect(Math.abs(loudest / before - 1)).toBeLessThan(0.05)
      const elsewhere = worstStep(TONES[own] ?? 0, middle)
      for (const start of film.starts.slice(1)) {
        const border = Math.round(start * RATE)
        const around = samples.subarray(border - RATE / 20, border + RATE / 20)
        expect(worstStep(TONES[own] ?? 0, around)).toBeLessThan(2 * elsewhere + 0.004)
      }
    }
  },
)

test('stereo of the same track stays stereo, and has what all channels say', async () => {
  const path = await whole({ track: trackOf(0), channels: 2 })
  expect((await ffprobe('-show_entries', 'stream=channels', '-of', 'csv=p=0', path)).trim()).toBe(
    '2',
  )
})

test('a time without sound is silence in six channels', async () => {
  const none = { ...film, starts: [...film.starts, 3600], duration: 3607 }
  const sound = { track: trackOf(0), channels: 6 } as const
  const segment = await media.audioSegment(bytes, none, sound, none.starts.length - 1, asked)
  const path = join(folder, 'silence.mp4')
  await writeFile(path, Buffer.concat([await media.audioInit(bytes, sound, asked), segment]))
  const [left = new Float32Array()] = await channelsOf(path)
  expect(left.length).toBeGreaterThan(RATE)
  expect(Math.max(...left.subarray(0, RATE).map(Math.abs))).toBeLessThan(0.001)
})
