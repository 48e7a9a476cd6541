import { elementsIn, fieldsOf } from '../ebml/ebml.ts'
import type { Readable } from '../film/readable.ts'
import { matroskaIndex } from './matroska-index.ts'

// RFC 9559 5.1.4.1
const TRACK_NUMBER = 0xd7
const CODEC_PRIVATE = 0x63a2
const AUDIO = 0xe1
const BIT_DEPTH = 0x6264

/** What a Matroska file says of a track that the library does not tell. */
export interface TrackFacts {
  /** What its decoder needs beside the packets; undefined: nothing. */
  readonly codecPrivate: Uint8Array | undefined
  /** Of a sample of sound; undefined: nobody says. */
  readonly bitDepth: number | undefined
}

export async function factsOf({ read, size }: Readable, track: number): Promise<TrackFacts> {
  const tracks = (await matroskaIndex(read, size))?.tracks ?? new Uint8Array()
  for (const entry of elementsIn(tracks)) {
    const fields = fieldsOf(tracks, entry.start, entry.end)
    if (fields.number(TRACK_NUMBER) !== track) continue
    const [place, audio] = [fields.one(CODEC_PRIVATE), fields.one(AUDIO)]
    const depth = audio ? fieldsOf(tracks, audio.start, audio.end).number(BIT_DEPTH) : 0
    return {
      codecPrivate: place && tracks.slice(place.start, place.end),
      bitDepth: depth > 0 ? depth : undefined,
    }
  }
  return { codecPrivate: undefined, bitDepth: undefined }
}
