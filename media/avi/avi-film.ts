import type { AudioTrack, Film } from '../film/film.ts'
import type { Readable } from '../film/readable.ts'
import { Unplayable } from '../film/unplayable.ts'
import { segmentStarts } from '../playlists/segment-grid.ts'
import { pictureIn, sizeOf, soundIn } from './avi-codecs.ts'
import { type AviHead, type AviStream, aviHead } from './avi-head.ts'
import { aviIndex, type Chunks } from './avi-index.ts'

/** A day: what claims to be longer is broken. */
const LONGEST = 86_400

export interface OpenAvi {
  readonly bytes: Readable
  readonly head: AviHead
  readonly video: AviStream
}

/** Undefined: it is no AVI. @throws Unplayable it is one without a picture */
export async function openAvi(bytes: Readable): Promise<OpenAvi | undefined> {
  const head = await aviHead(bytes)
  if (!head) return undefined
  const video = head.streams.find(({ kind }) => kind === 'vids')
  if (!video) throw new Unplayable('This file has no picture.')
  return { bytes, head, video }
}

/** Tracks count from 1, as those of other containers. */
export const trackOf = ({ number }: AviStream): number => number + 1

export const timeOf = ({ unit, start }: AviStream, frame: number): number => (start + frame) * unit

/** What the film is, from its head and its index. @throws Unplayable */
export async function aviFilm(avi: OpenAvi): Promise<Film> {
  const { bytes, head, video } = avi
  const picture = pictureIn(video)
  if (!picture) {
    throw new Unplayable(
      'The picture of this file is of a kind that no browser plays. Open it in another player.',
    )
  }
  const chunks = (await aviIndex(bytes, head, [video])).get(video.number)
  const keys = chunks ? keyTimes(video, chunks) : []
  const duration = timeOf(video, chunks?.length ?? 0)
  if (keys.length === 0) throw new Unplayable('This file has no picture.')
  if (!(duration < LONGEST)) {
    throw new Unplayable('This file does not say how long it is. Open it in another player.')
  }
  const sounds = head.streams.filter((one) => one.kind === 'auds' && soundIn(one))
  return {
    duration,
    video: { id: trackOf(video), codec: picture.codecId, isCopied: false, ...sizeOf(video) },
    audio: sounds.map(audioTrack),
    subtitles: [],
    chapters: [],
    starts: segmentStarts(keys, duration),
    isIndexed: true,
  }
}

const keyTimes = (video: AviStream, { keys }: Chunks): readonly number[] =>
  keys.map((frame) => timeOf(video, frame))

function audioTrack(stream: AviStream, n: number): AudioTrack {
  return {
    id: trackOf(stream),
    codec: soundIn(stream)?.codec ?? 'unknown',
    channels: Math.min(255, stream.format.u16(2)),
    isCopied: false,
    language: 'und',
    title: '',
    isDefault: n === 0,
  }
}
