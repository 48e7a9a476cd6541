import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'

/** A file as this room knows it: how long it is, and a reader of its bytes. */
export interface FilmBytes {
  readonly size: number
  /** Whether all of that is there now, of a film that is still arriving. Absent: all of it is. */
  has?(range: ByteRange): boolean
  read(range: ByteRange): ByteReader
}

/** Degrees clockwise by which a picture is turned to be shown: phones film upright so. */
export type Rotation = 0 | 90 | 180 | 270

export interface VideoTrack {
  /** As the container numbers it. */
  readonly id: number
  /** RFC 6381, as a browser is asked for it, `avc1.640028`; the container's own name of what none plays: `V_MPEG2`. */
  readonly codec: string
  /** Some browser takes it as it is; any other picture is encoded. */
  readonly isCopied: boolean
  readonly width: number
  readonly height: number
}

export interface AudioTrack {
  readonly id: number
  /** RFC 6381 where the codec has such a name, else the container's own: `A_TRUEHD`. */
  readonly codec: string
  readonly channels: number
  /** Browsers take it as it is (AAC); any other is converted. */
  readonly isCopied: boolean
  /** ISO 639-2, `und` where nobody said. */
  readonly language: string
  /** As the file names it; foreign text, may be empty. */
  readonly title: string
  readonly isDefault: boolean
}

/** Subtitles within the file that are text; those that are pictures are left out. */
export interface TextTrack {
  readonly id: number
  readonly language: string
  /** As the file names it; foreign text, may be empty. */
  readonly title: string
  readonly isForced: boolean
  /** The index says where each of them lies: all can be read without reading the film. */
  readonly isIndexed: boolean
}

export interface Chapter {
  /** Seconds. */
  readonly at: number
  readonly title: string
}

/** What one look at a file's head and index tells: all that playlists are made of. Times are seconds. */
export interface Film {
  readonly duration: number
  readonly video: VideoTrack
  readonly audio: readonly AudioTrack[]
  readonly subtitles: readonly TextTrack[]
  readonly chapters: readonly Chapter[]
  /** Where its segments begin, rising: times of key frames, or a grid. */
  readonly starts: readonly number[]
  /** Where in the file those key frames lie, in bytes; absent where no index tells. */
  readonly places?: readonly number[] | undefined
  /** An index of the file names these key frames. False: a grid, and each begins with the first key frame behind it. */
  readonly isIndexed: boolean
}
