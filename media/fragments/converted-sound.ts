import { EncodedPacket } from 'mediabunny'
import { AAC_FRAME, AAC_RATE, frameTime } from '../playlists/aac-grid.ts'
import { adtsFrames } from './adts.ts'
import { fragmentOf, type Stream } from './fragment.ts'

/** AAC-LC, 48 kHz, stereo (ISO 14496-3 1.6.2.1, AudioSpecificConfig). */
const AAC: Stream = {
  kind: 'audio',
  codec: 'aac',
  config: {
    codec: 'mp4a.40.2',
    sampleRate: AAC_RATE,
    numberOfChannels: 2,
    description: Uint8Array.of(0x11, 0x90),
  },
}

const aacPacket = (data: Uint8Array, frame: number): EncodedPacket =>
  new EncodedPacket(data, 'key', frameTime(frame), AAC_FRAME / AAC_RATE)

export async function aacInit(): Promise<Uint8Array> {
  return (await fragmentOf(AAC, [aacPacket(new Uint8Array(8), 0)])).init
}

/** AAC in ADTS as a segment: `count` frames after the first `skip`, the first of them frame `first` of the film. */
export async function aacSegment({
  adts,
  skip,
  count,
  first,
}: {
  readonly adts: Uint8Array
  readonly skip: number
  readonly count: number
  readonly first: number
}): Promise<Uint8Array> {
  const frames = [...adtsFrames(adts)].slice(skip, skip + count)
  if (frames.length < count) throw new Error('the encoder gave too few frames')
  return (
    await fragmentOf(
      AAC,
      frames.map((data, n) => aacPacket(data, first + n)),
    )
  ).segment
}
