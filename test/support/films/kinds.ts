import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FilmBrowser, startChromium } from '../clients/film-browser.ts'
import { LOUDNESS } from '../clients/loudness.ts'
import type { Env } from '../server/playlink.ts'
import { ask } from '../server/request.ts'
import { type CatalogueTitle, openStage } from '../server/stage.ts'
import { movie } from '../titles.ts'
import { eventually } from '../wait.ts'
import { makeFilm } from './make-film.ts'

const SECONDS = 8
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=48']
export const VIDEO = {
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
  readonly end: 'mkv' | 'mp4' | 'webm' | 'ts' | 'm2ts' | 'avi' | 'wmv'
  readonly video: keyof typeof VIDEO
  readonly audio: keyof typeof AUDIO
  readonly more?: readonly string[]
}

/** What a browser counts of a film that its page plays: frames, and the greatest sample (to 128). */
export interface Heard {
  readonly frames: number
  readonly loudest: number
  /** Segments of sound that were asked for, by the name of their kind: `audio`, `surround`. */
  readonly sound: readonly string[]
  /** What the page says that it does. */
  readonly words: string
  /** The main playlist that was asked for last, by the name of its kind; else the file itself plays. */
  readonly way: 'file' | 'copied' | 'encoded'
}

const HEARD = `(async () => {
  const loudest = await ${LOUDNESS}
  const video = document.querySelector('video')
  const frames = video.getVideoPlaybackQuality().totalVideoFrames
  const words = document.querySelector('#note').textContent
  const asked = performance.getEntriesByType('resource').map(({ name }) => name)
  const sound = asked.flatMap((name) => /\\/(audio|surround)-\\d+-\\d+\\.m4s/.exec(name)?.[1] ?? [])
  const ways = asked.flatMap((name) => /\\/master-(copied|encoded)/.exec(name)?.[1] ?? [])
  return { frames, loudest, words, sound: [...new Set(sound)], way: ways.at(-1) ?? 'file' }
})()`
/** Where the film is (seconds), and why it does not play. */
const NOW = `(() => {
  const note = document.querySelector('#note')
  const why = note.dataset.tone === 'bad' ? note.textContent : undefined
  return { at: document.querySelector('video').currentTime, why }
})()`

/** Before a page: as on a machine with so many outputs of sound, which none of the tests' has. */
const withOutputs = (count: number): string =>
  `Object.defineProperty(AudioDestinationNode.prototype, 'maxChannelCount', { get: () => ${count} })`

const idOf = (n: number): string => `tt9005${String(n).padStart(3, '0')}`

/** A server with films, each made when it is played first, and a browser that plays them. */
export async function openKinds(
  kinds: readonly Kind[],
  env: Env = {},
  start: () => Promise<FilmBrowser> = startChromium,
) {
  const stage = await openStage({ env })
  const folder = join(stage.catalogue, '..', 'films')
  await mkdir(folder)
  const made = new Map<number, CatalogueTitle>()
  /** Makes a film, and waits until it is listed. */
  const have = async (n: number): Promise<void> => {
    const kind = kinds[n]
    if (!kind || made.has(n)) return
    const { end, video, audio, more = [] } = kind
    const picture = VIDEO[video]
    const plan = { seconds: SECONDS, audio: AUDIO[audio], more, ...(picture && { video: picture }) }
    await makeFilm(join(folder, `${n}.${end}`), plan)
    made.set(n, movie(idOf(n), `Kind ${n}`, { path: `./films/${n}.${end}` }))
    await stage.writeCatalogue([...made.values()])
    await eventually('the new catalogue', async () => {
      const list = await ask(`${stage.server.base}/stream/movie/${idOf(n)}.json`)
      return (list.json() as { streams: unknown[] }).streams.length > 0
    })
  }
  const browser = await start()
  return {
    /**
     * Plays a film until its browser has shown and heard something.
     * @param outputs of sound
     * @throws Error with what the page says when it does not play
     */
    async play(n: number, outputs = 2): Promise<Heard> {
      await have(n)
      const address = `${stage.server.base}/watch/movie/${idOf(n)}/0`
      const page = await browser.open(address, withOutputs(outputs))
      try {
        const plays = async () => {
          const { at, why } = (await page.evaluate(NOW)) as { at: number; why?: string }
          if (why !== undefined) throw new Error(why)
          return at > 0.3
        }
        await eventually('it plays', plays, 300_000)
        return (await page.evaluate(HEARD)) as Heard
      } finally {
        await page.close()
      }
    },
    async close(): Promise<void> {
      await browser.close()
      await stage.end()
    },
  }
}
