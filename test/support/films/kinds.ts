import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startBrowser, type Window } from '../clients/browser.ts'
import { LOUDNESS } from '../clients/loudness.ts'
import type { Env } from '../server/playlink.ts'
import { ask } from '../server/request.ts'
import { openStage } from '../server/stage.ts'
import { movie } from '../titles.ts'
import { eventually } from '../wait.ts'
import { makeFilm } from './make-film.ts'

const SECONDS = 8
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=48']
const VIDEO = {
  h264: undefined,
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '48'],
  av1: ['-c:v', 'libsvtav1', '-preset', '12', '-g', '48'],
  hevc: X265,
  xvid: ['-c:v', 'mpeg4', '-q:v', '5', '-bf', '2', '-g', '48'],
  mpeg2: ['-c:v', 'mpeg2video', '-q:v', '5', '-bf', '2', '-g', '48'],
  hi10p: ['-pix_fmt', 'yuv420p10le', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '48'],
}
export const AUDIO = {
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

/** A film as people have them: its container, and what is in it. */
export interface Kind {
  readonly end: 'mkv' | 'mp4' | 'webm' | 'ts' | 'm2ts' | 'avi'
  readonly video: keyof typeof VIDEO
  readonly audio: keyof typeof AUDIO
  readonly more?: readonly string[]
}

/** What a browser counts of a film that its page plays: frames, bytes of sound, the greatest sample (to 128). */
export interface Heard {
  readonly frames: number
  readonly decoded: number
  readonly loudest: number
  /** Segments of sound that were asked for, by the name of their kind: `audio`, `surround`. */
  readonly sound: readonly string[]
  /** What the page says that it does. */
  readonly words: string
}

const HEARD = `(async () => {
  const loudest = await ${LOUDNESS}
  const video = document.querySelector('video')
  const frames = video.getVideoPlaybackQuality().totalVideoFrames
  const words = document.querySelector('#note').textContent
  const asked = performance.getEntriesByType('resource').map(({ name }) => name)
  const sound = asked.flatMap((name) => /\\/(audio|surround)-\\d+-\\d+\\.m4s/.exec(name)?.[1] ?? [])
  const decoded = video.webkitAudioDecodedByteCount
  return { frames, decoded, loudest, words, sound: [...new Set(sound)] }
})()`

/** Before a page: as on a machine with so many outputs of sound, which none of the tests' has. */
const withOutputs = (count: number): string =>
  `Object.defineProperty(AudioDestinationNode.prototype, 'maxChannelCount', { get: () => ${count} })`

const idOf = (n: number): string => `tt90050${String(n).padStart(2, '0')}`

/** A server with a film of each kind, and a browser that plays them. */
export async function openKinds(kinds: readonly Kind[], env: Env = {}) {
  const titles = kinds.map(({ end }, n) =>
    movie(idOf(n), `Kind ${n}`, { path: `./films/${n}.${end}` }),
  )
  const stage = await openStage({ titles: () => titles, env })
  const folder = join(stage.catalogue, '..', 'films')
  await mkdir(folder)
  for (const [n, { end, video, audio, more = [] }] of kinds.entries()) {
    const picture = VIDEO[video]
    const plan = { seconds: SECONDS, audio: AUDIO[audio], more, ...(picture && { video: picture }) }
    await makeFilm(join(folder, `${n}.${end}`), plan)
  }
  // The catalogue was read before its films were there.
  await stage.writeCatalogue([
    ...titles,
    movie('tt9005099', 'All', { path: `./films/0.${kinds[0]?.end}` }),
  ])
  await eventually('the new catalogue', async () => {
    const list = await ask(`${stage.server.base}/stream/movie/tt9005099.json`)
    return (list.json() as { streams: unknown[] }).streams.length > 0
  })
  const browser: Window = await startBrowser()
  return {
    /** Plays a film until its browser has shown and heard something. @param outputs of sound */
    async play(n: number, outputs = 2): Promise<Heard> {
      const address = `${stage.server.base}/watch/movie/${idOf(n)}/0`
      const { page, close } = await browser.open(address, { script: withOutputs(outputs) })
      try {
        const now = () =>
          page
            .locator('video')
            .evaluate((v) => (v as unknown as { currentTime: number }).currentTime)
        await eventually('it plays', async () => (await now()) > 0.3, 300_000)
        return (await page.evaluate(HEARD)) as Heard
      } finally {
        await close()
      }
    },
    async close(): Promise<void> {
      await browser.close()
      await stage.end()
    },
  }
}
