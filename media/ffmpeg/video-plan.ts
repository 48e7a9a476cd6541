import type { Rotation } from '../film/film.ts'
import { RUNG_BITS, type Rung, type Size, sizeWithin } from '../film/rungs.ts'
import { PIPES_ONLY } from './run-ffmpeg.ts'

/** Names of x264, from the better picture to the faster one. */
export const PRESETS = ['veryfast', 'superfast', 'ultrafast'] as const
export type Preset = (typeof PRESETS)[number]

/** A picture of this height has the colours of television in HD, unless it says others (ITU-R BT.709). */
const HD = 720
const COLOURS = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709']

/**
 * What x264 says about itself in front of the pictures is the same for every preset and film of one size: so
 * segments fit one head, whichever machine made which. One thread: the same bytes on every machine with this x264.
 */
const FIXED =
  'b-pyramid=none:weightp=0:weightb=0:8x8dct=1:cabac=1:sliced-threads=0:threads=1:rc-lookahead=20'

/** From frames to H.264 in Matroska, at the times that the frames have. */
function encoder(rung: Rung, preset: Preset): readonly string[] {
  const bits = RUNG_BITS[rung]
  return [
    ...['-threads', '1', '-c:v', 'libx264', '-preset', preset, '-profile:v', 'high'],
    ...['-level', '3.2', '-crf', '22', '-maxrate', String(bits), '-bufsize', String(2 * bits)],
    ...['-g', '240', '-bf', '2', '-refs', '2', '-flags', '+cgop', '-x264-params', FIXED],
    ...[...COLOURS, '-color_range', 'tv'],
    ...['-enc_time_base', '1:90000', '-fps_mode', 'passthrough', '-avoid_negative_ts', 'disabled'],
    ...['-fflags', '+bitexact', ...PIPES_ONLY, '-f', 'matroska', 'pipe:1'],
  ]
}

export interface VideoPlan {
  readonly rung: Rung
  readonly preset: Preset
  /** Of the picture as it is shown. */
  readonly source: Size
  readonly rotation: Rotation
  /** Seconds of the input: frames shown before and behind are left out. */
  readonly from: number
  readonly to: number
  /** Times of the input are not those of its frames: they come one after the other. */
  readonly isCounted: boolean
}

/** What turns a picture clockwise: the packets alone do not say that it is to be. */
const ROTATIONS: Readonly<Record<Rotation, readonly string[]>> = {
  0: [],
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
}

/** Half of the shortest frame: times of the input are rounded. */
const SLACK = 0.002

/** Arguments for ffmpeg: packets in Matroska to H.264. */
export function encodeArguments(plan: VideoPlan): readonly string[] {
  const { rung, preset, source, rotation, from, to, isCounted } = plan
  const { width, height } = sizeWithin(source, rung)
  const end = Number.isFinite(to) ? `:end=${(to - SLACK).toFixed(6)}` : ''
  const matrix = source.height >= HD ? 'bt709' : 'auto'
  const filters = [
    isCounted ? 'setpts=N/25/TB' : `trim=start=${Math.max(0, from - SLACK).toFixed(6)}${end}`,
    // Only frames that say that they are interlaced.
    'yadif=0:-1:1',
    ...ROTATIONS[rotation],
    `scale=${width}:${height}:in_color_matrix=${matrix}:out_color_matrix=bt709:out_range=tv`,
    'setsar=1',
    'format=yuv420p',
  ]
  // Times as they are: else they would count from the first frame that can be decoded.
  const input = ['-copyts', ...PIPES_ONLY, '-f', 'matroska', '-i', 'pipe:0', '-map', '0:v:0']
  return [...input, '-vf', filters.join(','), ...encoder(rung, preset)]
}

/** Arguments for ffmpeg: a black frame, for the head that all segments of a size have. */
export function headArguments(source: Size, rung: Rung): readonly string[] {
  const { width, height } = sizeWithin(source, rung)
  const black = `color=c=black:s=${width}x${height}:r=25:d=0.04,setsar=1,format=yuv420p`
  return ['-f', 'lavfi', '-i', black, ...encoder(rung, 'ultrafast')]
}

/** Arguments for ffmpeg: a film of its own, to see how fast it is. @param seconds how long the film is */
export function trialArguments(rung: Rung, preset: Preset, seconds: number): readonly string[] {
  const { width, height } = sizeWithin({ width: 1280, height: 720 }, rung)
  const film = `testsrc2=s=${width}x${height}:r=25:d=${seconds},format=yuv420p`
  return ['-f', 'lavfi', '-i', film, ...encoder(rung, preset)]
}
