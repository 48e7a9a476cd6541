import { BufferSource, type EncodedPacket, EncodedPacketSink, Input, MATROSKA } from 'mediabunny'
import { fragmentOf, type Stream } from './fragment.ts'

/** Matroska rounds to a millisecond, the film's own times may be rounded too; seconds. */
const ROUNDED = 0.004
/** Of a frame behind which nothing tells: one of 24 a second. */
const USUAL_LENGTH = 1 / 24

/** H.264 as the encoder gave it, in Matroska. Times count from `base`. */
export interface EncodedPictures {
  readonly matroska: Uint8Array
  readonly base: number
  /** Of the frames as the film has them, seconds, rising. */
  readonly times: readonly number[]
  /** Where the next segment begins, seconds. */
  readonly to: number
  /** The n-th frame has the n-th time, whatever the encoder says. */
  readonly isCounted: boolean
}

/** The head that all segments of a size have, from any of them. */
export async function encodedInit(matroska: Uint8Array): Promise<Uint8Array> {
  const { stream, packets } = await readEncoded(matroska)
  return (await fragmentOf(stream, packets.slice(0, 1))).init
}

/** One fragment, each frame at its own time and shown until the next one. */
export async function encodedSegment(pictures: EncodedPictures): Promise<Uint8Array> {
  const { base, times, to, isCounted } = pictures
  const { stream, packets } = await readEncoded(pictures.matroska)
  const shown = isCounted
    ? counted(times, packets)
    : packets.map(({ timestamp }) => nearest(times, timestamp + base))
  const sorted = [...shown].sort((a, b) => a - b)
  const next = new Map(sorted.map((time, n) => [time, sorted[n + 1]]))
  const end = Number.isFinite(to) ? to : (sorted.at(-1) ?? 0) + lastLength(sorted)
  const placed = packets.map((packet, n) => {
    const timestamp = shown[n] ?? 0
    const duration = Math.max(0, (next.get(timestamp) ?? end) - timestamp)
    return packet.clone({ timestamp, duration })
  })
  return (await fragmentOf(stream, placed)).segment
}

/** Those that the decoder made up of nothing follow the last one. */
function counted(times: readonly number[], packets: readonly EncodedPacket[]): readonly number[] {
  const rising = packets.map(({ timestamp }) => timestamp).sort((a, b) => a - b)
  const places = new Map(rising.map((time, n) => [time, n]))
  const last = times.at(-1) ?? 0
  return packets.map(({ timestamp }) => {
    const place = places.get(timestamp) ?? 0
    return times[place] ?? last + (place - times.length + 1) * USUAL_LENGTH
  })
}

const lastLength = (sorted: readonly number[]): number => {
  const [before, last] = sorted.slice(-2)
  return before === undefined || last === undefined ? USUAL_LENGTH : last - before
}

/** The time of the film's frame that this is; its own where there is none so near. */
function nearest(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  const found = [times[low - 1], times[low]].filter((one) => one !== undefined)
  const [best] = found.sort((a, b) => Math.abs(a - time) - Math.abs(b - time))
  return best !== undefined && Math.abs(best - time) <= ROUNDED ? best : time
}

async function readEncoded(matroska: Uint8Array) {
  using input = new Input({ source: new BufferSource(matroska), formats: [MATROSKA] })
  const track = await input.getPrimaryVideoTrack()
  const config = await track?.getDecoderConfig()
  if (track?.codec !== 'avc' || !config) throw new Error('the encoder gave no picture')
  const sink = new EncodedPacketSink(track)
  const packets: EncodedPacket[] = []
  let packet = await sink.getFirstPacket()
  while (packet) {
    packets.push(packet)
    packet = await sink.getNextPacket(packet)
  }
  if (packets.length === 0) throw new Error('the encoder gave no picture')
  const stream: Stream = { kind: 'video', codec: 'avc', config }
  return { stream, packets }
}
