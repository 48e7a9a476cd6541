import {
  type EncodedPacket,
  EncodedPacketSink,
  type InputAudioTrack,
  type InputVideoTrack,
} from 'mediabunny'
import { Unplayable } from './protocol.ts'

export interface Cut {
  /** Seconds. */
  readonly from: number
  readonly to: number
  /** Goes on to the end of the track. */
  readonly isLast: boolean
}

/** A UHD disc has 128 Mbit/s, and its key frames lie a second apart. */
const MOST_BYTES = 128 << 20
const MOST_PACKETS = 20_000
/** Index and packets may round the same time differently. */
const SLACK = 0.001

/**
 * The packets of a segment in decode order: from one key frame up to another, so each packet of the film
 * is in one segment. The last one shown lasts until the next segment begins.
 */
export async function videoPackets(track: InputVideoTrack, cut: Cut): Promise<EncodedPacket[]> {
  const sink = new EncodedPacketSink(track)
  const packets: EncodedPacket[] = []
  let size = 0
  let packet = await sink.getKeyPacket(cut.from + SLACK)
  packet ??= await sink.getFirstKeyPacket()
  while (packet && !isBehind(packet, cut)) {
    size += packet.data.length
    if (size > MOST_BYTES || packets.length === MOST_PACKETS) {
      throw new Unplayable('The key frames of this file lie too far apart for a browser.')
    }
    packets.push(packet)
    packet = await sink.getNextPacket(packet)
  }
  return packets
}

const isBehind = (packet: EncodedPacket, { to, isLast }: Cut): boolean =>
  !isLast && packet.type === 'key' && packet.timestamp >= to - SLACK

/** Samples of one packet, for the codecs where it is always the same number. */
const SAMPLES: Readonly<Record<string, number>> = {
  aac: 1024,
  ac3: 1536,
  eac3: 1536,
  dts: 512,
  mp3: 1152,
}

/**
 * Where packets of equal length really begin. Matroska rounds to milliseconds, which would be heard as a
 * crackle at each border; a time that is no multiple of the length (there was a gap) stays as it is.
 */
export function exactTime(time: number, first: number, length: number | undefined): number {
  if (length === undefined) return time
  const exact = first + Math.round((time - first) / length) * length
  return Math.abs(exact - time) < 0.0015 ? exact : time
}

/** The packets of an audio track that begin within a time, at their exact times. */
export async function audioPackets(track: InputAudioTrack, cut: Cut): Promise<EncodedPacket[]> {
  const sink = new EncodedPacketSink(track)
  const start = await sink.getFirstPacket({ metadataOnly: true })
  if (!start) return []
  const samples = SAMPLES[track.codec ?? '']
  const rate = await track.getSampleRate()
  const length = samples === undefined || !(rate > 0) ? undefined : samples / rate
  const exact = (packet: EncodedPacket) => exactTime(packet.timestamp, start.timestamp, length)
  const packets: EncodedPacket[] = []
  let size = 0
  // One packet earlier: the one before may be exact at the very border.
  let packet = await sink.getPacket(Math.max(cut.from - 2 * SLACK, start.timestamp))
  packet ??= await sink.getFirstPacket()
  while (packet) {
    const time = exact(packet)
    if (!cut.isLast && time >= cut.to) break
    if (time >= cut.from) {
      size += packet.data.length
      if (size > MOST_BYTES || packets.length === MOST_PACKETS) throw new Error('too much audio')
      packets.push(packet.clone({ timestamp: time, ...(length && { duration: length }) }))
    }
    packet = await sink.getNextPacket(packet)
  }
  return packets
}
