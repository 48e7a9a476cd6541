import {
  BufferTarget,
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
} from 'mediabunny'
import type { Rotation } from '../film/film.ts'

/** What the packets are of, as a decoder is told (WebCodecs). */
export type Stream =
  | {
      readonly kind: 'video'
      readonly codec: ConstructorParameters<typeof EncodedVideoPacketSource>[0]
      readonly config: VideoDecoderConfig
      /** Said in the head alone; absent: it is shown as it is. */
      readonly rotation?: Rotation
    }
  | {
      readonly kind: 'audio'
      readonly codec: ConstructorParameters<typeof EncodedAudioPacketSource>[0]
      readonly config: AudioDecoderConfig
    }

export interface Fragment {
  /** ftyp and moov: the same for every segment of one stream. */
  readonly init: Uint8Array
  /** moof and mdat. */
  readonly segment: Uint8Array
}

/** One fragment holds all packets: longer than any film. */
const NEVER = 1e6

/**
 * Packets as one fragment of MP4 (ISO 14496-12 8.8), in decode order with the times at which they are
 * shown. Decode times are those times sorted: they go on from segment to segment, and need no table.
 */
export async function fragmentOf(
  stream: Stream,
  packets: AsyncIterable<EncodedPacket> | Iterable<EncodedPacket>,
): Promise<Fragment> {
  const target = new BufferTarget()
  let headEnd = 0
  let moofAt = 0
  let mdatAt = 0
  const format = new Mp4OutputFormat({
    fastStart: 'fragmented',
    minimumFragmentDuration: NEVER,
    onMoov: (data, at) => {
      headEnd = at + data.length
    },
    onMoof: (data, at) => {
      moofAt = at
      mdatAt = at + data.length
    },
  })
  const output = new Output({ format, target })
  const meta = { decoderConfig: stream.config }
  if (stream.kind === 'video') {
    const source = new EncodedVideoPacketSource(stream.codec)
    output.addVideoTrack(source, { rotation: stream.rotation ?? 0 })
    await output.start()
    for await (const packet of packets) {
      await source.add(packet, meta as Parameters<typeof source.add>[1])
    }
  } else {
    const source = new EncodedAudioPacketSource(stream.codec)
    output.addAudioTrack(source)
    await output.start()
    for await (const packet of packets) {
      await source.add(packet, meta as Parameters<typeof source.add>[1])
    }
  }
  await output.finalize()
  // Views of one buffer: a copy of a segment is a hundred megabytes at worst.
  const whole = target.buffer ?? new ArrayBuffer()
  forgetClock(Buffer.from(whole, 0, headEnd))
  const mdatBytes = mdatAt > 0 ? new DataView(whole).getUint32(mdatAt) : 0
  return {
    init: new Uint8Array(whole, 0, headEnd),
    segment: new Uint8Array(whole, moofAt, mdatAt + mdatBytes - moofAt),
  }
}

/** Boxes that say when they were made: version and flags, then two times (ISO 14496-12 8.2.2, 8.3.2, 8.4.2). */
const DATED = ['mvhd', 'tkhd', 'mdhd']

/** The same packets come to the same bytes, whenever that is. */
function forgetClock(head: Buffer): void {
  for (const name of DATED) {
    const at = head.indexOf(name) + name.length
    if (at < name.length) continue
    const isLong = head[at] === 1
    head.fill(0, at + 4, at + 4 + (isLong ? 16 : 8))
  }
}
