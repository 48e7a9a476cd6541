import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ffmpeg } from '../../test/support/films/make-film.ts'

/** Seconds of what is encoded; longer films are made of copies of it. */
const ENCODED_SECONDS = 60
/** As a film of 1080p has them: with the sound 8.7 Mbit/s. */
const BITS = '8250k'
const SURROUND = ['-c:a', 'ac3', '-b:a', '448k', '-ac', '6']
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '48', '-b_strategy', '0']
const CONSTANT = ['-b:v', BITS, '-minrate', BITS, '-maxrate', BITS, '-bufsize', BITS]

export interface BenchFilms {
  /** A minute, for swarms. */
  readonly short: string
  /** As many minutes as viewers are to watch, each one of them. */
  readonly long: string
  /** What no browser plays: 24 s of XviD in 720p. */
  readonly old: string
}

/** Films as people have them, made by ffmpeg: 1080p and AC-3 5.1 in Matroska. */
export async function makeFilms(folder: string, minutes: number): Promise<BenchFilms> {
  await mkdir(folder, { recursive: true })
  const [short, long, old] = ['short.mkv', 'long.mkv', 'old.mkv'].map((name) => join(folder, name))
  if (!short || !long || !old) throw new Error('three films')
  const sound = (seconds: number) => ['-f', 'lavfi', '-i', `sine=440:r=48000:d=${seconds}`]
  const picture = (size: string, seconds: number) => [
    ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=24000/1001:d=${seconds}`],
  ]
  const hd = [...H264, ...CONSTANT, '-x264-params', 'nal-hrd=cbr', '-pix_fmt', 'yuv420p']
  const inputs = [...picture('1920x1080', ENCODED_SECONDS), ...sound(ENCODED_SECONDS)]
  await ffmpeg(...inputs, ...hd, ...SURROUND, short)
  await ffmpeg('-stream_loop', String(minutes - 1), '-i', short, '-c', 'copy', long)
  const xvid = ['-c:v', 'mpeg4', '-vtag', 'XVID', '-b:v', '3M', '-bf', '2', '-g', '48']
  await ffmpeg(...picture('1280x720', 24), ...sound(24), ...xvid, ...SURROUND, old)
  return { short, long, old }
}
