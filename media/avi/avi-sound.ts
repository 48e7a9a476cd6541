import { Unplayable } from '../film/unplayable.ts'
import { type AviSound, soundIn } from './avi-codecs.ts'
import { type OpenAvi, trackOf } from './avi-film.ts'
import type { AviStream } from './avi-head.ts'
import { aviIndex, Chunks } from './avi-index.ts'
import { type AviPacket, packetOf } from './avi-pictures.ts'
import { soundFrames } from './sound-frames.ts'

const MOST_BYTES = 64 << 20
/** Seconds: a frame that was told to begin so near to where it has to does begin there. */
const EXACT = 0.005
/** PCM is cut into parts of so many seconds: a chunk may have a second of it. */
const PART = 0.05
/** Samples of a part at least, whatever rate the file tells: 64 MiB of single samples are more parts than memory holds. */
const FEWEST_SAMPLES = 256

export interface AviSoundPackets {
  readonly codecId: string
  readonly codecPrivate: Uint8Array | undefined
  readonly sampleRate: number
  readonly channels: number
  /** Of PCM. */
  readonly bitDepth: number
  /** Those that begin within the time. */
  readonly packets: readonly AviPacket[]
}

/** @throws Unplayable, Error there is no such track */
export async function aviSound(
  { bytes, head, video }: OpenAvi,
  track: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<AviSoundPackets> {
  const stream = head.streams.find((one) => one.kind === 'auds' && trackOf(one) === track)
  if (!stream) throw new Error('no such audio track')
  const sound = soundIn(stream)
  if (!sound) {
    throw new Unplayable('The sound of this file is of a kind that cannot be converted.')
  }
  const chunksOf = async (...streams: readonly AviStream[]) =>
    (await aviIndex(bytes, head, streams)).get(stream.number) ?? new Chunks()
  const indexed = await chunksOf(stream)
  // Where the index tells nothing of it, it is found as the picture is: without an index that is.
  const chunks = indexed.length > 0 ? indexed : await chunksOf(video, stream)
  const all = await readChunks(bytes, stream, chunks, { from, to })
  const packets = packetsOf(stream, sound, all)
  return {
    codecId: sound.codecId,
    codecPrivate: sound.codecPrivate,
    bitDepth: sound.bitDepth ?? 16,
    sampleRate: stream.format.u32(4),
    channels: stream.format.u16(2),
    packets: packets.filter(({ timestamp }) => timestamp >= from && timestamp < to),
  }
}

interface TimedChunk {
  /** Seconds. */
  readonly at: number
  readonly length: number
  readonly data: Uint8Array
}

/** Units that a chunk lasts, as players count them: bytes, or frames of a length that its head may tell. */
function unitsOf({ sampleSize, format }: AviStream, bytes: number): number {
  if (sampleSize > 0) return bytes / sampleSize
  const align = format.u16(12)
  return align > 1 ? Math.ceil(bytes / align) : 1
}

/** One chunk more before, and behind: frames go from one into the next. */
async function readChunks(
  bytes: OpenAvi['bytes'],
  stream: AviStream,
  chunks: Chunks,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly TimedChunk[]> {
  let units = stream.start
  let [first, last] = [0, 0]
  const times: number[] = []
  for (let n = 0; n < chunks.length; n++) {
    const at = units * stream.unit
    times.push(at)
    if (at <= from) first = Math.max(0, n - 1)
    if (at < to) last = n + 1
    units += unitsOf(stream, chunks.size(n))
  }
  times.push(units * stream.unit)
  const found: TimedChunk[] = []
  let sum = 0
  for (let n = first; n < Math.min(chunks.length, last + 1); n++) {
    const [size, at] = [chunks.size(n), times[n] ?? 0]
    sum += size
    if (sum > MOST_BYTES) throw new Error('too much audio')
    if (size === 0) continue
    const data = await bytes.read(chunks.at(n), chunks.at(n) + size)
    found.push({ at, length: (times[n + 1] ?? at) - at, data })
  }
  return found
}

function packetsOf(
  stream: AviStream,
  sound: AviSound,
  chunks: readonly TimedChunk[],
): readonly AviPacket[] {
  if (sound.frames) return framed(stream, sound.frames, chunks)
  if (sound.codec !== 'A_PCM') return chunks.map(({ at, data }) => packetOf(at, data))
  const align = Math.max(1, stream.format.u16(12))
  const part = align * Math.max(FEWEST_SAMPLES, Math.round(stream.format.u32(4) * PART))
  return chunks.flatMap(({ at, length, data }) =>
    Array.from({ length: Math.ceil(data.length / part) }, (_, n) => {
      const start = n * part
      const time = at + (length * start) / data.length
      return packetOf(time, data.subarray(start, start + part))
    }),
  )
}

/** Frames found in the bytes of the chunks, each at the time that its first byte has, or where it really begins. */
function framed(
  stream: AviStream,
  kind: NonNullable<AviSound['frames']>,
  chunks: readonly TimedChunk[],
): readonly AviPacket[] {
  const bytes = new Uint8Array(Buffer.concat(chunks.map(({ data }) => data)))
  const origin = stream.start * stream.unit
  const packets: AviPacket[] = []
  let [chunk, before] = [0, 0]
  for (const { at, data, length } of soundFrames(bytes, kind)) {
    while (at >= before + (chunks[chunk]?.data.length ?? Number.POSITIVE_INFINITY)) {
      before += chunks[chunk++]?.data.length ?? 0
    }
    const { at: start = 0, length: seconds = 0, data: own } = chunks[chunk] ?? {}
    const told = start + (seconds * (at - before)) / Math.max(1, own?.length ?? 1)
    const exact = origin + Math.round((told - origin) / length) * length
    packets.push(packetOf(Math.abs(exact - told) < EXACT ? exact : told, data))
  }
  return packets
}
