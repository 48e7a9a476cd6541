import { EncodedPacket } from 'mediabunny'
import type { Channels } from '../film/surround.ts'
import { AAC_FRAME, AAC_RATE, frameTime } from '../playlists/aac-grid.ts'
import { adtsFrames } from './adts.ts'
import { fragmentOf, type Stream } from './fragment.ts'

/** AAC-LC at 48 kHz (ISO 14496-3 1.6.2.1, AudioSpecificConfig): channel configurations 2 and 6. */
const SPECIFIC = { 2: Uint8Array.of(0x11, 0x90), 6: Uint8Array.of(0x11, 0xb0) } as const

const aac = (channels: Channels): Stream => ({
  kind: 'audio',
  codec: 'aac',
  config: {
    codec: 'mp4a.40.2',
    sampleRate: AAC_RATE,
    numberOfChannels: channels,
    description: SPECIFIC[channels],
  },
})

const aacPacket = (data: Uint8Array, frame: number): EncodedPacket =>
  new EncodedPacket(data, 'key', frameTime(frame), AAC_FRAME / AAC_RATE)

export async function aacInit(channels: Channels): Promise<Uint8Array> {
  return (await fragmentOf(aac(channels), [aacPacket(new Uint8Array(8), 0)])).init
}

/** AAC in ADTS as a segment: `count` frames after the first `skip`, the first of them frame `first` of the film. */
export async function aacSegment({
  adts,
  skip,
  count,
  first,
  channels,
}: {
  readonly adts: Uint8Array
  readonly skip: number
  readonly count: number
  readonly first: number
  readonly channels: Channels
}): Promise<Uint8Array> {
  const frames = [...adtsFrames(adts)].slice(skip, skip + count)
  if (frames.length < count) throw new Error('the encoder gave too few frames')
  return (
    await fragmentOf(
      aac(channels),
      frames.map((data, n) => aacPacket(data, first + n)),
    )
  ).segment
}
