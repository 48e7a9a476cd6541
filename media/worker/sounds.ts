import type { InputAudioTrack } from 'mediabunny'
import type { Readable } from '../film/readable.ts'
import { Unplayable } from '../film/unplayable.ts'
import { factsOf, type TrackFacts } from '../matroska/matroska-facts.ts'
import type { WrappedTrack } from '../matroska/matroska-packets.ts'

/** Matroska's names (RFC 9559 27.3) of what is found in other containers. */
const CODEC_IDS: Readonly<Record<string, string>> = {
  aac: 'A_AAC',
  ac3: 'A_AC3',
  eac3: 'A_EAC3',
  dts: 'A_DTS',
  mp3: 'A_MPEG/L3',
  opus: 'A_OPUS',
  vorbis: 'A_VORBIS',
  flac: 'A_FLAC',
}
/** MP4's names of what the library has none for. */
const MP4_IDS: Readonly<Record<string, string>> = { mlpa: 'A_TRUEHD' }
const MATROSKA_ID = /^A_[A-Z0-9_/]{2,40}$/
/** As the library names PCM: signed, unsigned or floating, bits of a sample, and whether the first byte is the highest. */
const PCM = /^pcm-(?<kind>[suf])(?<bits>\d+)(?<isBig>be)?$/
/** Of these the library does not tell what a decoder has to know. */
const TOLD_BY_FILE = /^A_(?:ALAC|TTA1|MS\/ACM|QUICKTIME)/

/** What Matroska calls a kind of PCM; undefined: it has none of that kind. */
function pcmId({ kind, bits, isBig }: Readonly<Record<string, string | undefined>>) {
  if (kind === 'f') return isBig ? undefined : 'A_PCM/FLOAT/IEEE'
  if ((kind === 'u') !== (bits === '8')) return undefined
  return isBig ? 'A_PCM/INT/BIG' : 'A_PCM/INT/LIT'
}

/** By what name ffmpeg is given a track; undefined: it cannot be given to it. */
export async function soundIdOf(track: InputAudioTrack): Promise<string | undefined> {
  const own = await track.getInternalCodecId()
  if (typeof own === 'string' && MATROSKA_ID.test(own)) return own
  const codec = track.codec ?? ''
  const pcm = PCM.exec(codec)?.groups
  return pcm ? pcmId(pcm) : (CODEC_IDS[codec] ?? MP4_IDS[String(own)])
}

/** A track as ffmpeg has to know it. @throws Unplayable */
export async function soundOf(track: InputAudioTrack, bytes: Readable): Promise<WrappedTrack> {
  const codecId = await soundIdOf(track)
  if (codecId === undefined) {
    throw new Unplayable('The sound of this file is of a kind that cannot be converted.')
  }
  const { codecPrivate, bitDepth } = TOLD_BY_FILE.test(codecId)
    ? await factsOf(bytes, track.id)
    : await factsOfLibrary(track)
  return {
    codecId,
    codecPrivate,
    sampleRate: await track.getSampleRate(),
    channels: await track.getNumberOfChannels(),
    ...(bitDepth !== undefined && { bitDepth }),
  }
}

async function factsOfLibrary(track: InputAudioTrack): Promise<TrackFacts> {
  // Without it a decoder takes all PCM for that of 16 bits.
  const bits = PCM.exec(track.codec ?? '')?.groups?.bits
  return {
    codecPrivate: descriptionOf(await track.getDecoderConfig()),
    bitDepth: bits === undefined ? undefined : Number(bits),
  }
}

/** What a decoder needs beside the packets: FLAC's head, Vorbis' three. */
function descriptionOf(config: AudioDecoderConfig | null): Uint8Array | undefined {
  const description = config?.description
  if (description === undefined) return undefined
  return ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description)
}
