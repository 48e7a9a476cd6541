import {
  type EncodedPacket,
  EncodedPacketSink,
  type InputAudioTrack,
  type InputVideoTrack,
} from 'mediabunny'
import { Unplayable } from '../film/unplayable.ts'
import type { Timeline } from './open-film.ts'
import type { ShownPackets } from './pictures.ts'

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
/** Frames shown before a key frame that stands in front of them: as many as a decoder may keep. */
const MOST_LEADING = 16
/** Index and packets may round the same time differently. */
const SLACK = 0.001

/**
 * The packets of a segment in decode order: from one key frame up to another, so each packet of the film
 * is in one segment. The last one shown lasts until the next segment begins.
 */
export async function videoPackets(
  track: InputVideoTrack,
  wanted: Cut,
  timeline: Timeline,
): Promise<EncodedPacket[]> {
  const { packets } = await packetsWithin(track, wanted, timeline)
  // Those in front of the first key frame need what is not in the film; fragments have no times below zero. Empty ones, for
  // frames that were dropped, are nothing that all players take.
  return packets.filter(({ timestamp, data }) => timestamp >= 0 && data.length > 0)
}

/**
 * The packets of a segment that is decoded: also those behind its end that are shown before the key frame there, for
 * they need the frames in front of it. So each frame of the film is shown in one segment.
 */
export async function shownPackets(
  track: InputVideoTrack,
  wanted: Cut,
  timeline: Timeline,
): Promise<ShownPackets> {
  const { packets, next, sink } = await packetsWithin(track, wanted, timeline)
  const from = packets[0]?.timestamp ?? 0
  const to = next ? next.timestamp - timeline.origin : Number.POSITIVE_INFINITY
  let packet = next
  for (let n = 0; packet && n <= MOST_LEADING; n++) {
    packets.push(atFilmTime(packet, timeline))
    packet = await sink.getNextPacket(packet)
    if (packet && (packet.type === 'key' || packet.timestamp - timeline.origin > to)) break
  }
  return { packets, from, to }
}

async function packetsWithin(track: InputVideoTrack, wanted: Cut, timeline: Timeline) {
  const sink = new EncodedPacketSink(track)
  const cut = within(wanted, timeline)
  const packets: EncodedPacket[] = []
  let size = 0
  let packet = timeline.isIndexed
    ? await sink.getKeyPacket(cut.from + SLACK)
    : await firstKeyWithin(sink, cut)
  packet ??= await sink.getFirstKeyPacket()
  while (packet && !isBehind(packet, cut)) {
    size += packet.data.length
    if (size > MOST_BYTES || packets.length === MOST_PACKETS) {
      throw new Unplayable('The key frames of this file lie too far apart for a browser.')
    }
    packets.push(atFilmTime(packet, timeline))
    packet = await sink.getNextPacket(packet)
  }
  return { packets, next: packet, sink }
}

const within = ({ from, to, isLast }: Cut, { origin }: Timeline): Cut => ({
  from: from + origin,
  to: to + origin,
  isLast,
})

const atFilmTime = (packet: EncodedPacket, { origin }: Timeline): EncodedPacket =>
  origin === 0 ? packet : packet.clone({ timestamp: packet.timestamp - origin })

/** Seconds: frames that are shown before a key frame and stand behind it lie closer to it than that. */
const REORDERED = 1

/**
 * On a grid, a segment begins with the first key frame in it, and the one before it goes on up to there. Where
 * there is none in it, the group of pictures around it comes once more: no segment is empty.
 */
async function firstKeyWithin(sink: EncodedPacketSink, cut: Cut): Promise<EncodedPacket | null> {
  let key = await sink.getPacket(cut.from - REORDERED)
  key ??= await sink.getFirstKeyPacket()
  while (key && (key.type !== 'key' || key.timestamp < cut.from - SLACK)) {
    key = await sink.getNextKeyPacket(key)
  }
  const isWithin = key && (cut.isLast || key.timestamp < cut.to - SLACK)
  return isWithin ? key : sink.getKeyPacket(cut.from)
}

const isBehind = (packet: EncodedPacket, { to, isLast }: Cut): boolean =>
  !isLast && packet.type === 'key' && packet.timestamp >= to - SLACK

/** Seconds; not all containers tell how long the last packet of a part lasts. */
const LONGEST_PACKET = 2

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

/**
 * The packets of an audio track that begin within a time, at their exact times.
 * @param isCovered also the one that lasts into it: what is decoded has to be whole, and some last a second
 */
export async function audioPackets(
  track: InputAudioTrack,
  wanted: Cut,
  timeline: Timeline,
  isCovered = false,
): Promise<EncodedPacket[]> {
  const cut = within(wanted, timeline)
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
    const isInto = isCovered && time > cut.from - LONGEST_PACKET
    if (packet.data.length > 0 && (time >= cut.from || isInto)) {
      size += packet.data.length
      if (size > MOST_BYTES || packets.length === MOST_PACKETS) throw new Error('too much audio')
      packets.push(
        packet.clone({ timestamp: time - timeline.origin, ...(length && { duration: length }) }),
      )
    }
    packet = await sink.getNextPacket(packet)
  }
  return packets
}
