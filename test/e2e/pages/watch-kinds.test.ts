import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startBrowser, type Window } from '../../support/clients/browser.ts'
import { LOUDNESS } from '../../support/clients/loudness.ts'
import { makeFilm } from '../../support/films/make-film.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const SECONDS = 8
const VIDEO = {
  h264: undefined,
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '48'],
  av1: ['-c:v', 'libsvtav1', '-preset', '12', '-g', '48'],
}
const AUDIO = {
  aac: ['-c:a', 'aac'],
  ac3: ['-c:a', 'ac3'],
  eac3: ['-c:a', 'eac3'],
  dts: ['-c:a', 'dca', '-strict', '-2', '-ac', '2'],
  truehd: ['-c:a', 'truehd', '-strict', '-2', '-ac', '2'],
  flac: ['-c:a', 'flac'],
  opus: ['-c:a', 'libopus'],
  mp3: ['-c:a', 'libmp3lame'],
  vorbis: ['-c:a', 'libvorbis'],
  pcm: ['-c:a', 'pcm_s16le'],
}

interface Kind {
  readonly end: 'mkv' | 'mp4' | 'webm' | 'ts' | 'm2ts'
  readonly video: keyof typeof VIDEO
  readonly audio: keyof typeof AUDIO
  readonly more?: readonly string[]
}

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
]
const idOf = (n: number): string => `tt90050${String(n).padStart(2, '0')}`

let stage: Stage<never>
let browser: Window

beforeAll(async () => {
  const titles = KINDS.map(({ end }, n) =>
    movie(idOf(n), `Kind ${n}`, { path: `./films/${n}.${end}` }),
  )
  stage = await openStage({ titles: () => titles })
  const folder = join(stage.catalogue, '..', 'films')
  await mkdir(folder)
  for (const [n, { end, video, audio, more = [] }] of KINDS.entries()) {
    const picture = VIDEO[video]
    const plan = { seconds: SECONDS, audio: AUDIO[audio], more, ...(picture && { video: picture }) }
    await makeFilm(join(folder, `${n}.${end}`), plan)
  }
  // The catalogue was read before its films were there.
  await stage.writeCatalogue([...titles, movie('tt9005099', 'All', { path: './films/0.mkv' })])
  await eventually('the new catalogue', async () => {
    const list = await ask(`${stage.server.base}/stream/movie/tt9005099.json`)
    return (list.json() as { streams: unknown[] }).streams.length > 0
  })
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await stage?.end()
})

/** Of the film that the page plays: frames, bytes of sound that were decoded, the greatest sample (to 128). */
const HEARD = `(async () => {
  const loudest = await ${LOUDNESS}
  const video = document.querySelector('video')
  const frames = video.getVideoPlaybackQuality().totalVideoFrames
  return { frames, decoded: video.webkitAudioDecodedByteCount, loudest }
})()`

test.each(KINDS.map((kind, n) => [kind.end, kind.video, kind.audio, n] as const))(
  '%s with %s and %s: picture and sound',
  async (_end, _video, _audio, n) => {
    const { page, close } = await browser.open(`${stage.server.base}/watch/movie/${idOf(n)}/0`)
    try {
      const now = () =>
        page.locator('video').evaluate((v) => (v as unknown as { currentTime: number }).currentTime)
      await eventually('it plays', async () => (await now()) > 0.3, 30_000)
      const heard = (await page.evaluate(HEARD)) as Record<string, number>
      expect(heard.frames).toBeGreaterThan(0)
      expect(heard.decoded).toBeGreaterThan(0)
      expect(heard.loudest).toBeGreaterThanOrEqual(5)
    } finally {
      await close()
    }
  },
)
