import { element, number } from '../ebml/ebml-write.ts'

/** A track as ffmpeg has to know it (RFC 9559 5.1.4). */
export interface WrappedTrack {
  /** Matroska's name of the codec: `A_AC3`. */
  readonly codecId: string
  readonly codecPrivate: Uint8Array | undefined
  /** Of a picture; undefined: it is sound. */
  readonly size?: { readonly width: number; readonly height: number }
  readonly sampleRate?: number
  readonly channels?: number
  /** Of PCM. */
  readonly bitDepth?: number
}

export interface WrappedPacket {
  /** Seconds from the first one. */
  readonly at: number
  readonly data: Uint8Array
  /** True where nobody says otherwise, as of sound. */
  readonly isKey?: boolean
}

const double = (value: number): Buffer => {
  const data = Buffer.alloc(8)
  data.writeDoubleBE(value)
  return data
}

const VIDEO = 1
const AUDIO = 2

const pictureOf = ({ width, height }: NonNullable<WrappedTrack['size']>): Buffer =>
  element([0xe0], element([0xb0], number(width)), element([0xba], number(height)))

function soundOf({ sampleRate = 0, channels = 0, bitDepth }: WrappedTrack): Buffer {
  const depth = bitDepth === undefined ? [] : [element([0x62, 0x64], number(bitDepth))]
  return element(
    [0xe1],
    element([0xb5], double(sampleRate)),
    element([0x9f], number(channels)),
    ...depth,
  )
}

/** Nanoseconds of a tick. */
const SCALE = 10_000

/**
 * Packets in the smallest Matroska file that ffmpeg reads: the one container that takes every codec as it
 * is. A cluster a packet, because the times of blocks are 16 bits of their cluster's.
 */
export function matroskaOf(track: WrappedTrack, packets: readonly WrappedPacket[]): Buffer {
  const text = (value: string) => Buffer.from(value, 'latin1')
  const head = element(
    [0x1a, 0x45, 0xdf, 0xa3],
    element([0x42, 0x82], text('matroska')),
    element([0x42, 0x87], number(4)),
    element([0x42, 0x85], number(2)),
  )
  const info = element([0x15, 0x49, 0xa9, 0x66], element([0x2a, 0xd7, 0xb1], number(SCALE)))
  const kind = track.size ? VIDEO : AUDIO
  const codecPrivate = track.codecPrivate ? [element([0x63, 0xa2], track.codecPrivate)] : []
  const entry = element(
    [0xae],
    element([0xd7], number(1)),
    element([0x73, 0xc5], number(1)),
    element([0x83], number(kind)),
    element([0x86], text(track.codecId)),
    ...codecPrivate,
    track.size ? pictureOf(track.size) : soundOf(track),
  )
  const clusters = packets.map(({ at, data, isKey = true }) =>
    element(
      [0x1f, 0x43, 0xb6, 0x75],
      element([0xe7], number(Math.max(0, Math.round((at * 1e9) / SCALE)), 6)),
      // Track 1, no time of its own, and whether it is a key frame.
      element([0xa3], Buffer.from([0x81, 0, 0, isKey ? 0x80 : 0]), data),
    ),
  )
  const tracks = element([0x16, 0x54, 0xae, 0x6b], entry)
  return Buffer.concat([head, element([0x18, 0x53, 0x80, 0x67], info, tracks, ...clusters)])
}
