import type { Channels } from '../film/surround.ts'
import { AAC_FRAME, AAC_RATE, frameAt } from '../playlists/aac-grid.ts'
import { PIPES_ONLY } from './run-ffmpeg.ts'

/**
 * Frames encoded before the segment and thrown away: the encoder's own delay is one; after a few more it
 * has forgotten that it began here, so that segments made apart fit together (each frame overlaps the next).
 */
const WARM_UP = 4
/** Frames encoded behind it, for the last one to be made as if more came. */
const LOOK_AHEAD = 2
/** Seconds decoded before that: a decoder's first frame is not whole, MP3 needs up to nine. */
const DECODER_WARM_UP = 0.25
/** The encoder puts the channels into the order of AAC (ISO 14496-3 1.6.3.5). */
const LAYOUTS = { 2: 'stereo', 6: '5.1' } as const
/** Half the work of the usual one; with so many bits nobody hears which it was. */
const CODER = 'fast'
/**
 * As good as 192 kbit/s of stereo where there is much to be heard, and fewer bits where there is little: to fill them
 * there the encoder tries up to six times, which was most of what a conversion took.
 */
const QUALITY = '2'

/** How the audio of one segment is made: which packets are needed, and which frames are kept. Seconds. */
export interface AudioPlan {
  readonly from: number
  readonly to: number
  /** The first frame of the segment, of all frames of the film, and how many it has. */
  readonly first: number
  readonly count: number
  /** Frames of the encoder that come before it. */
  readonly skip: number
}

export function audioPlan(from: number, to: number): AudioPlan {
  const first = frameAt(from)
  const count = frameAt(to) - first
  return {
    from: ((first - WARM_UP) * AAC_FRAME) / AAC_RATE - DECODER_WARM_UP,
    to: ((first + count + LOOK_AHEAD) * AAC_FRAME) / AAC_RATE,
    first,
    count,
    // The encoder's first frame is its delay: what it gives then begins one frame before the input.
    skip: WARM_UP + 1,
  }
}

/**
 * Arguments for ffmpeg: AAC at 48 kHz, cut to the sample so that frame n of every segment is frame n
 * of the film. What is missing before, between and behind the packets is silence.
 * @param at when the first packet begins, seconds
 */
export function conversionArguments(
  plan: AudioPlan,
  at: number | undefined,
  channels: Channels = 2,
): readonly string[] {
  const layout = LAYOUTS[channels]
  const begin = (plan.first - WARM_UP) * AAC_FRAME
  const length = (WARM_UP + plan.count + LOOK_AHEAD) * AAC_FRAME
  const offset = begin - Math.round((at ?? 0) * AAC_RATE)
  const input =
    at === undefined
      ? ['-f', 'lavfi', '-i', `anullsrc=r=${AAC_RATE}:cl=${layout}`]
      : [...PIPES_ONLY, '-f', 'matroska', '-i', 'pipe:0']
  const trim = (start: number) => `atrim=start_sample=${start}:end_sample=${start + length}`
  const aligned =
    offset >= 0 || at === undefined ? [trim(Math.max(0, offset))] : [delay(-offset), trim(0)]
  const filters = [
    // What a decoder leaves out before it can begin (TrueHD) is silence, and moves nothing.
    `aresample=${AAC_RATE}:async=1:first_pts=0`,
    `aformat=sample_fmts=fltp:channel_layouts=${layout}`,
    ...(at === undefined ? [] : ['apad']),
    ...aligned,
    'asetpts=N/SR/TB',
  ]
  return [
    ...input,
    '-map',
    '0:a:0',
    '-af',
    filters.join(','),
    '-c:a',
    'aac',
    '-aac_coder',
    CODER,
    '-q:a',
    QUALITY,
    ...PIPES_ONLY,
    '-f',
    'adts',
    'pipe:1',
  ]
}

const delay = (samples: number): string => `adelay=${samples}S:all=1`
