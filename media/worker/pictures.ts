import type { Input, InputVideoTrack } from 'mediabunny'
import { Unplayable } from '../film/unplayable.ts'
import { factsOf } from '../matroska/matroska-facts.ts'
import { matroskaOf, type WrappedTrack } from '../matroska/matroska-packets.ts'
import type { PortBytes } from './port-bytes.ts'
import type { Pictures } from './protocol.ts'

/** Matroska's names of pictures that some browsers play (RFC 9559 27.2), for those that do not. */
const CODEC_IDS: Readonly<Record<string, string>> = {
  avc: 'V_MPEG4/ISO/AVC',
  hevc: 'V_MPEGH/ISO/HEVC',
  vp8: 'V_VP8',
  vp9: 'V_VP9',
  av1: 'V_AV1',
}
/** Pictures that no browser plays: MPEG-1, MPEG-2, and MPEG-4 part 2, which XviD and DivX write. */
const ENCODED_ONLY = /^V_(?:MPEG1|MPEG2|MPEG4\/ISO\/(?:SP|ASP|AP)|MPEG4\/MS\/V3|THEORA)$/

export interface Picture {
  /** RFC 6381, or the container's own name. */
  readonly codec: string
  /** Some browser plays it as it is. */
  readonly isCopied: boolean
}

/** A browser plays it, or it can be encoded: no cover, and nothing that only cameras and studios write. */
async function isPlayed(video: InputVideoTrack): Promise<boolean> {
  if (video.codec) return video.codec !== 'prores'
  const own = await video.getInternalCodecId()
  return typeof own === 'string' && ENCODED_ONLY.test(own)
}

/** The picture of a film, which may have its cover as another; undefined: it has none. */
export async function mainPicture(input: Input): Promise<InputVideoTrack | undefined> {
  const primary = (await input.getPrimaryVideoTrack()) ?? undefined
  if (!primary || (await isPlayed(primary))) return primary
  for (const video of await input.getVideoTracks()) if (await isPlayed(video)) return video
  return primary
}

/** @throws Unplayable neither a browser plays it, nor can it be encoded */
export async function pictureOf(video: InputVideoTrack): Promise<Picture> {
  if (video.codec && video.codec !== 'prores') {
    const codec = await video.getCodecParameterString()
    if (codec === null) throw new Unplayable('The picture of this file could not be read.')
    return { codec, isCopied: true }
  }
  const own = await video.getInternalCodecId()
  if (typeof own === 'string' && ENCODED_ONLY.test(own)) return { codec: own, isCopied: false }
  throw new Unplayable(
    'The picture of this file is of a kind that no browser plays. Open it in another player.',
  )
}

export interface ShownPackets {
  /** In decode order, at the times at which they are shown. */
  readonly packets: readonly {
    readonly timestamp: number
    readonly data: Uint8Array
    readonly type: 'key' | 'delta'
  }[]
  /** Shown from, and until, seconds: what else there is only helps to decode. */
  readonly from: number
  readonly to: number
}

/** Packets of a picture in a small Matroska file for ffmpeg, times counted from the first that is shown. */
export async function wrapPictures(
  video: InputVideoTrack,
  { packets, from, to }: ShownPackets,
  bytes: PortBytes,
): Promise<Pictures> {
  const { codec } = await pictureOf(video)
  const codecId = CODEC_IDS[video.codec ?? ''] ?? codec
  const track: WrappedTrack = {
    codecId,
    codecPrivate: await privateOf(video, bytes),
    size: { width: await video.getCodedWidth(), height: await video.getCodedHeight() },
  }
  return { ...wrapped(track, { packets, from, to }), rotation: await video.getRotation() }
}

/** @param isCounted as of `Pictures` */
export function wrapped(
  track: WrappedTrack,
  { packets, from, to }: ShownPackets,
  isCounted = false,
): Pictures {
  const times = packets.map(({ timestamp }) => timestamp)
  const base = times.reduce((least, time) => Math.min(least, time), from)
  const matroska = matroskaOf(
    track,
    packets.map(({ timestamp, data, type }) => ({
      at: timestamp - base,
      data,
      isKey: type === 'key',
    })),
  )
  return {
    matroska: new Uint8Array(matroska),
    base,
    from,
    to,
    times: times.filter((time) => time >= from && time < to).sort((a, b) => a - b),
    isCounted,
    rotation: 0,
  }
}

/** What a decoder needs beside the packets. */
async function privateOf(video: InputVideoTrack, bytes: PortBytes) {
  if (video.codec) {
    const description = (await video.getDecoderConfig())?.description
    return description && new Uint8Array(description as ArrayBuffer | Uint8Array)
  }
  return (await factsOf(bytes, video.id)).codecPrivate
}
