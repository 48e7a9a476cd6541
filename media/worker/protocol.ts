// What the main thread and the thread that reads films say to each other. Nothing else is loaded by both.

import type { Rotation } from '../film/film.ts'
import type { Channels } from '../film/surround.ts'

/** One piece of work on one file, or on what was made of it. Times are seconds; `isIndexed` as of the Film. */
export type Job =
  | { readonly kind: 'probe'; readonly size: number }
  | { readonly kind: 'videoInit'; readonly size: number }
  | {
      readonly kind: 'video'
      readonly size: number
      readonly from: number
      readonly to: number
      readonly isLast: boolean
      readonly isIndexed: boolean
    }
  /** The packets of a segment of the picture, put into a small Matroska file for ffmpeg; times as of `video`. */
  | {
      readonly kind: 'pictures'
      readonly size: number
      readonly from: number
      readonly to: number
      readonly isLast: boolean
      readonly isIndexed: boolean
    }
  /** H.264 in Matroska, as the encoder gave it, made into a segment: its times count from `base`. */
  | {
      readonly kind: 'encoded'
      readonly matroska: Uint8Array
      readonly base: number
      /** Of the frames as the film has them, seconds, rising; the encoder's are rounded. */
      readonly times: readonly number[]
      readonly to: number
      readonly isCounted: boolean
    }
  /** The head of such segments. */
  | { readonly kind: 'encodedInit'; readonly matroska: Uint8Array }
  | { readonly kind: 'audioInit'; readonly size: number; readonly track: number }
  | {
      readonly kind: 'audio'
      readonly size: number
      readonly track: number
      readonly from: number
      readonly to: number
      readonly isLast: boolean
      readonly isIndexed: boolean
    }
  /** The packets of an audio track within a time, put into a small Matroska file for ffmpeg. */
  | {
      readonly kind: 'packets'
      readonly size: number
      readonly track: number
      readonly from: number
      readonly to: number
      readonly isIndexed: boolean
    }
  /** Subtitles that begin within a time, as WebVTT. */
  | {
      readonly kind: 'text'
      readonly size: number
      readonly track: number
      readonly from: number
      readonly to: number
      readonly isLast: boolean
    }
  /** All of a track of subtitles whose bytes are there, as WebVTT. */
  | { readonly kind: 'wholeText'; readonly size: number; readonly track: number }
  | { readonly kind: 'aacInit'; readonly channels: Channels }
  /** AAC in ADTS made into a segment: `count` frames after the first `skip`, the first of them frame `first` of the film. */
  | {
      readonly kind: 'aac'
      readonly adts: Uint8Array
      readonly skip: number
      readonly count: number
      readonly first: number
      readonly channels: Channels
    }

export interface Packets {
  readonly matroska: Uint8Array
  /** When the first of them begins, seconds; undefined: there are none. */
  readonly at: number | undefined
}

/** Times are seconds. */
export interface Pictures {
  readonly matroska: Uint8Array
  /** What the times within count from. */
  readonly base: number
  /** Frames shown before or behind that are of other segments. */
  readonly from: number
  readonly to: number
  /** At which frames are shown within that, rising. */
  readonly times: readonly number[]
  /** The decoder tells the order, and the n-th frame has the n-th time; else each frame comes with its own. */
  readonly isCounted: boolean
  readonly rotation: Rotation
}

/** To the thread. `bytes` undefined: they could not be read. */
export type ToWorker = { readonly job: Job } | { readonly bytes: Uint8Array | undefined }

/**
 * From the thread; `end` of a range is not included. `isWaiting` false: no bytes are the answer where some of these
 * are not there yet.
 */
export type FromWorker =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'read'
      readonly start: number
      /** Not included. */
      readonly end: number
      /** Up to there it is probably read on; `end` or behind it. */
      readonly until: number
      readonly isWaiting: boolean
    }
  | { readonly kind: 'done'; readonly result: unknown }
  /** `why` is a sentence of ours, for people; undefined: the file is broken, or the reader of it. */
  | { readonly kind: 'failed'; readonly why: string | undefined }
