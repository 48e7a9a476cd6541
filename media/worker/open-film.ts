import {
  CustomSource,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Logging,
  LogLevel,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  WEBM,
} from 'mediabunny'
import type { Readable } from '../film/readable.ts'
import { Unplayable } from '../film/unplayable.ts'
import { mainPicture } from './pictures.ts'

/** Of the file, kept while one job runs. */
const CACHE_BYTES = 8 << 20

// Tracks that it does not know are no news, and names of foreign files stay out of the log.
Logging.level = LogLevel.Silent

/** A file as the library reads it; whoever opens it disposes it. */
export function openFilm(bytes: Readable): Input {
  return new Input({
    source: new CustomSource({
      getSize: () => bytes.size,
      read: bytes.read,
      maxCacheSize: CACHE_BYTES,
    }),
    formats: [MATROSKA, WEBM, MP4, QTFF, MPEG_TS],
  })
}

/** @throws Unplayable: there is no picture */
export async function videoOf(input: Input): Promise<InputVideoTrack> {
  if (!(await input.canRead())) {
    throw new Unplayable(
      'This file is neither MKV, WebM, MP4, AVI nor TS, and only those are made ready for browsers. Open it in another player.',
    )
  }
  const video = await mainPicture(input)
  if (!video) throw new Unplayable('This file has no picture.')
  return video
}

/** @throws Error there is no such track */
export async function audioOf(input: Input, id: number): Promise<InputAudioTrack> {
  const track = (await input.getAudioTracks()).find((one) => one.id === id)
  if (!track) throw new Error('no such audio track')
  return track
}

/** How the times of a container become those of the film. */
export interface Timeline {
  /** What the container says where the film begins, seconds: transport streams begin anywhere, MP4 that was cut before zero. */
  readonly origin: number
  /** The starts of segments are times of key frames; else a grid of times, with key frames somewhere between. */
  readonly isIndexed: boolean
}

export async function timelineOf(input: Input, isIndexed: boolean): Promise<Timeline> {
  if (isIndexed) return { origin: await cutBefore(input), isIndexed }
  const first = await new EncodedPacketSink(await videoOf(input)).getFirstKeyPacket()
  if (!first) throw new Unplayable('This file has no picture.')
  return { origin: first.timestamp, isIndexed }
}

/**
 * What is cut out of an MP4 without being encoded keeps the key frame in front of its beginning, at a time below zero, and tells
 * players to hide it. Here it is shown: fragments have no times below zero.
 */
async function cutBefore(input: Input): Promise<number> {
  const format = await input.getFormat()
  if (format !== MP4 && format !== QTFF) return 0
  const sink = new EncodedPacketSink(await videoOf(input))
  const first = await sink.getFirstKeyPacket({ metadataOnly: true })
  return Math.min(0, first?.timestamp ?? 0)
}
