import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { AUDIO, type Kind, openKinds } from '../../support/films/kinds.ts'

const inMatroska = (Object.keys(AUDIO) as (keyof typeof AUDIO)[]).map(
  (audio): Kind => ({ end: 'mkv', video: 'h264', audio }),
)
const KINDS: readonly Kind[] = [
  ...inMatroska,
  { end: 'mkv', video: 'vp9', audio: 'ac3' },
  { end: 'mkv', video: 'av1', audio: 'eac3' },
  { end: 'mkv', video: 'h264', audio: 'ac3', more: ['-live', '1'] },
  { end: 'mp4', video: 'h264', audio: 'ac3' },
  { end: 'mp4', video: 'h264', audio: 'eac3', more: ['-movflags', '+faststart'] },
  { end: 'mp4', video: 'av1', audio: 'flac', more: ['-strict', '-2'] },
  { end: 'ts', video: 'h264', audio: 'ac3' },
  { end: 'm2ts', video: 'h264', audio: 'dts', more: ['-mpegts_m2ts_mode', '1'] },
  { end: 'webm', video: 'vp9', audio: 'opus' },
  { end: 'mkv', video: 'h264', audio: 'ac3', more: ['-ac', '6'] },
]

let films: Awaited<ReturnType<typeof openKinds>>

beforeAll(async () => {
  films = await openKinds(KINDS)
})

afterAll(() => films?.close())

test.each(KINDS.map((kind, n) => [kind.end, kind.video, kind.audio, n] as const))(
  '%s with %s and %s: picture and sound',
  async (_end, _video, _audio, n) => {
    const heard = await films.play(n)
    expect(heard.frames).toBeGreaterThan(0)
    expect(heard.loudest).toBeGreaterThanOrEqual(5)
  },
)

test.each([
  [2, 'audio', 'the sound (AC-3) is converted for your browser.'],
  [6, 'surround', 'the sound (AC-3, 5.1) is converted for your browser.'],
])('sound of six channels where there are %d outputs: %s', async (outputs, kind, words) => {
  const heard = await films.play(KINDS.length - 1, outputs)
  expect(heard.loudest).toBeGreaterThanOrEqual(5)
  expect(heard.sound).toEqual([kind])
  expect(heard.words).toContain(words)
})
