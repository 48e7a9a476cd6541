import {
  CustomSource,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  MATROSKA,
  MP4,
  QTFF,
  WEBM,
} from 'mediabunny'
import type { PortBytes } from './port-bytes.ts'
import { Unplayable } from './protocol.ts'

/** Of the file, kept while one job runs. */
const CACHE_BYTES = 8 << 20

/** A file as the library reads it; whoever opens it disposes it. */
export function openFilm(bytes: PortBytes): Input {
  return new Input({
    source: new CustomSource({
      getSize: () => bytes.size,
      read: bytes.read,
      maxCacheSize: CACHE_BYTES,
    }),
    formats: [MATROSKA, WEBM, MP4, QTFF],
  })
}

/** @throws Unplayable: there is no picture, or none that is known */
export async function videoOf(input: Input): Promise<InputVideoTrack> {
  if (!(await input.canRead())) {
    throw new Unplayable(
      'This file is neither MKV, WebM nor MP4, and only those are made ready for browsers. Open it in another player.',
    )
  }
  const video = await input.getPrimaryVideoTrack()
  if (!video) throw new Unplayable('This file has no picture.')
  if (!video.codec || video.codec === 'prores') {
    throw new Unplayable(
      'The picture of this file is of a kind that no browser plays. Open it in another player.',
    )
  }
  return video
}

/** @throws Error there is no such track */
export async function audioOf(input: Input, id: number): Promise<InputAudioTrack> {
  const track = (await input.getAudioTracks()).find((one) => one.id === id)
  if (!track) throw new Error('no such audio track')
  return track
}
