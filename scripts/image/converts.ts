import { execFileSync } from 'node:child_process'
import { audioPlan, conversionArguments } from '../../media/ffmpeg/audio-plan.ts'

/** Encoders of this machine's ffmpeg, which has them all; some are called experimental. */
const ENCODERS = [
  ...['ac3', 'eac3', 'dca', 'truehd', 'flac', 'libopus', 'libvorbis', 'libmp3lame', 'mp2'],
  ...['pcm_s16le', 'pcm_s24le', 'alac', 'tta', 'wavpack', 'wmav2'],
]
const SECOND = ['-f', 'lavfi', '-i', 'sine=d=2:r=48000', '-ac', '2']

const pipe = (command: readonly string[], input: Uint8Array): Buffer => {
  const [program = '', ...args] = command
  return execFileSync(program, args, { input, maxBuffer: 2 ** 26 })
}

/** Frames of ADTS that begin here: twelve ones, then the length in 13 bits (ISO/IEC 13818-7 6.2). */
function framesIn(adts: Buffer): number {
  let count = 0
  for (let at = 0; at + 7 <= adts.length; count++) {
    if (adts.readUInt16BE(at) >> 4 !== 0xfff) throw new Error('that is no AAC')
    at += (adts.readUIntBE(at + 3, 3) >> 5) & 0x1fff
  }
  return count
}

/**
 * Converts sound of each kind as the server does, by the ffmpeg of a root and by this machine's.
 * @param enter puts itself before a program's arguments
 * @throws where the two do not give as many frames
 */
export function converts(enter: (program: string) => string[]): string {
  const plan = audioPlan(0.5, 1.5)
  const kinds = ENCODERS.map((encoder) => {
    const coded = ['-c:a', encoder, '-strict', '-2', '-f', 'matroska', 'pipe:1']
    return [encoder, 0, pipe(['ffmpeg', '-v', 'error', ...SECOND, ...coded], Buffer.of())] as const
  })
  for (const [name, at, sound] of [...kinds, ['silence', undefined, Buffer.of()] as const]) {
    const args = ['-v', 'error', ...conversionArguments(plan, at)]
    const frames = framesIn(pipe([...enter('ffmpeg'), ...args], sound))
    const here = framesIn(pipe(['ffmpeg', ...args], sound))
    if (frames !== here) throw new Error(`${name}: ${frames} frames, here ${here}`)
  }
  return `ffmpeg converts ${ENCODERS.join(', ')}, and makes silence`
}
