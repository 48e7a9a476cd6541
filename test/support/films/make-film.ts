import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { FilmBytes } from '../../../media/film/film.ts'

const run = promisify(execFile)

/** Runs ffmpeg as the tests' own tool: on files. */
export const ffmpeg = (...args: readonly string[]): Promise<{ stdout: Buffer }> =>
  run('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-threads', '1', ...args], {
    encoding: 'buffer',
    maxBuffer: 256 << 20,
  }) as Promise<{ stdout: Buffer }>

export const ffprobe = async (...args: readonly string[]): Promise<string> =>
  (await run('ffprobe', ['-v', 'error', ...args])).stdout

export interface FilmPlan {
  readonly seconds: number
  /** Arguments of the picture's encoder; H.264 with B-frames and a key frame every two seconds. */
  readonly video?: readonly string[]
  /** Arguments of the sound's encoder. */
  readonly audio: readonly string[]
  /** Of the container, and what else there is to say. */
  readonly more?: readonly string[]
}

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '48', '-b_strategy', '0']

/** A moving picture and a tone of 440 Hz. */
export async function makeFilm(path: string, plan: FilmPlan): Promise<void> {
  const { seconds, video = H264, audio, more = [] } = plan
  const picture = `testsrc2=s=160x90:r=24000/1001:d=${seconds}`
  const tone = `sine=440:sample_rate=48000:d=${seconds}`
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone]
  await ffmpeg(...inputs, '-pix_fmt', 'yuv420p', ...video, ...audio, ...more, path)
}

/** Bytes in memory as films are read, and what was read of them. */
export function filmBytes(bytes: Buffer): FilmBytes & { readonly counts: { read: number } } {
  const counts = { read: 0 }
  return {
    counts,
    size: bytes.length,
    read({ start, end }) {
      let at = start
      return {
        async read(into) {
          const n = bytes.copy(into, 0, at, Math.min(end + 1, at + into.length))
          at += n
          counts.read += n
          return n
        },
        close() {},
      }
    },
  }
}

export async function openFilmFile(path: string) {
  if (!(await stat(path)).isFile()) throw new Error('no film')
  return filmBytes(await readFile(path))
}
