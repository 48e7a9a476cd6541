import { ffmpeg } from './make-film.ts'

/** The first track of sound, mono, at 48 kHz. */
export async function samplesOf(path: string): Promise<Float32Array> {
  const { stdout } = await ffmpeg(
    '-i',
    path,
    '-map',
    '0:a:0',
    '-ac',
    '1',
    '-ar',
    '48000',
    '-f',
    'f32le',
    '-',
  )
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length))
}

export const loudness = (samples: Float32Array): number =>
  samples.reduce((all, sample) => all + Math.abs(sample), 0) / samples.length

/** How far the wave is from a pure tone of 440 Hz at its worst sample: a click is far. */
export function worstStep(samples: Float32Array): number {
  const twice = 2 * Math.cos((2 * Math.PI * 440) / 48_000)
  let worst = 0
  for (let n = 1; n + 1 < samples.length; n++) {
    const [a = 0, b = 0, c = 0] = samples.subarray(n - 1, n + 2)
    worst = Math.max(worst, Math.abs(c - twice * b + a))
  }
  return worst
}

/** The mean difference of two waves, as a part of how loud they are: of time, too. */
export function offBy(ours: Float32Array, theirs: Float32Array): number {
  let [off, loud] = [0, 0]
  for (const [n, sample] of theirs.entries()) {
    off += Math.abs(sample - (ours[n] ?? 0))
    loud += Math.abs(sample)
  }
  return off / loud
}
