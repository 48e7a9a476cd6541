import type { AUDIO, Kind, VIDEO } from '../support/films/kinds.ts'

/** A column of the table. */
export type Sound = keyof typeof AUDIO
type Picture = keyof typeof VIDEO

/** A row of the table: films that differ in their sound alone. */
export interface Row {
  readonly name: string
  readonly end: Kind['end']
  readonly video: Picture
  /** What people have in it, and ffmpeg writes. */
  readonly sounds: readonly Sound[]
  /** Arguments for ffmpeg. */
  readonly more?: readonly string[]
}

/** Of the whole table, in its order. */
export const SOUNDS: readonly Sound[] = [
  ...(['aac', 'ac3', 'eac3', 'dts', 'truehd', 'flac', 'opus', 'mp3'] as const),
]
const IN_MP4: readonly Sound[] = ['aac', 'ac3', 'eac3', 'flac', 'opus', 'mp3']
const IN_TS: readonly Sound[] = ['aac', 'ac3', 'eac3', 'dts', 'mp3']
const IN_AVI: readonly Sound[] = ['ac3', 'mp3']
const PICTURES = ['h264', 'hevc', 'vp9', 'av1', 'xvid', 'mpeg2', 'hi10p'] as const

const matroska = PICTURES.map(
  (video): Row => ({ name: `MKV, ${video}`, end: 'mkv', video, sounds: SOUNDS }),
)

/** Where an MP4 has its index. */
const MP4 = {
  'index last': [],
  'index first': ['-movflags', '+faststart'],
  // Of AC-3 and E-AC-3 ffmpeg knows what to write into the head when it has seen some.
  fragmented: ['-movflags', '+frag_keyframe+empty_moov+delay_moov+default_base_moof'],
}
const mp4 = Object.entries(MP4).flatMap(([where, more]) =>
  (['h264', 'hevc', 'vp9', 'av1'] as const).map(
    // FLAC and TrueHD are not regular there yet, by ffmpeg's own word.
    (video): Row => ({
      name: `MP4 (${where}), ${video}`,
      ...{ end: 'mp4', video, sounds: IN_MP4 },
      more: [...more, '-strict', '-2'],
    }),
  ),
)
const streams = (['h264', 'hevc'] as const).flatMap((video): Row[] => [
  { name: `TS, ${video}`, end: 'ts', video, sounds: IN_TS },
  {
    name: `M2TS, ${video}`,
    ...{ end: 'm2ts', video, more: ['-mpegts_m2ts_mode', '1'] },
    // Of a Blu-ray's sounds those that are read: docs/browsers.md says which are not.
    sounds: ['ac3', 'dts'],
  },
])

export const rows: readonly Row[] = [
  ...matroska,
  ...mp4,
  ...streams,
  { name: 'WebM, vp9', end: 'webm', video: 'vp9', sounds: ['opus'] },
  { name: 'WebM, av1', end: 'webm', video: 'av1', sounds: ['opus'] },
  { name: 'AVI, xvid', end: 'avi', video: 'xvid', sounds: IN_AVI },
  { name: 'AVI, h264', end: 'avi', video: 'h264', sounds: IN_AVI },
]

export interface Cell {
  readonly row: Row
  readonly sound: Sound
  readonly kind: Kind
}

export const cells: readonly Cell[] = rows.flatMap((row) =>
  row.sounds.map((sound): Cell => {
    const { end, video, more = [] } = row
    return { row, sound, kind: { end, video, audio: sound, more } }
  }),
)
