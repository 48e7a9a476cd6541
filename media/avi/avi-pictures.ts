import { Unplayable } from '../film/unplayable.ts'
import { extraOf, pictureIn, sizeOf } from './avi-codecs.ts'
import { type OpenAvi, timeOf } from './avi-film.ts'
import { aviIndex, type Chunks } from './avi-index.ts'
import { Mpeg4Order, mpeg4Head } from './mpeg4-order.ts'

const MOST_BYTES = 128 << 20
const MOST_CHUNKS = 20_000
/** Frames shown before a key frame that stands in front of them. */
const MOST_LEADING = 16
const SLACK = 0.001

export interface AviPacket {
  /** Seconds. */
  readonly timestamp: number
  readonly data: Uint8Array
  readonly type: 'key' | 'delta'
}

export interface AviPictures {
  readonly codecId: string
  readonly codecPrivate: Uint8Array | undefined
  readonly size: { readonly width: number; readonly height: number }
  readonly packets: readonly AviPacket[]
  /** Shown from, and until, seconds. */
  readonly from: number
  readonly to: number
  /** The times of the packets are those of places: the decoder tells which frame gets which. */
  readonly isCounted: boolean
}

interface Cut {
  readonly from: number
  readonly to: number
  readonly isLast: boolean
}

/** The packets of a segment, from one key frame up to another, and what decodes them. @throws Unplayable */
export async function aviPictures(avi: OpenAvi, cut: Cut): Promise<AviPictures> {
  const { bytes, head, video } = avi
  const picture = pictureIn(video)
  const chunks = (await aviIndex(bytes, head, [video])).get(video.number)
  if (!picture || !chunks) throw new Unplayable('This file has no picture.')
  const time = (frame: number) => timeOf(video, frame)
  const first = chunks.keys.findLast((key) => time(key) <= cut.from + SLACK) ?? chunks.keys[0] ?? 0
  const next = cut.isLast ? undefined : chunks.keys.find((key) => time(key) >= cut.to - SLACK)
  const read = reader(avi, chunks)
  const size = sizeOf(video)
  if (picture.order === 'shown') {
    const { pictures, from, to } = await inShownOrder(read, chunks, first, next)
    const packets = pictures.map(({ data, isKey, frame }) => packetOf(time(frame), data, isKey))
    const head0 = mpeg4Head(await read(0))
    const codecPrivate = head0 ?? extraOf(video)
    const end = to === undefined ? Number.POSITIVE_INFINITY : time(to)
    const { codecId } = picture
    return { codecId, codecPrivate, size, packets, from: time(from), to: end, isCounted: false }
  }
  const packets: AviPacket[] = []
  for (let n = first; n < (next ?? chunks.length); n++) {
    if (chunks.size(n) > 0) packets.push(packetOf(time(n), await read(n), n === first))
  }
  const isCounted = picture.order === 'counted'
  return {
    codecId: picture.codecId,
    codecPrivate: isCounted ? undefined : video.format.bytes.slice(),
    size,
    packets,
    from: time(first),
    to: next === undefined ? Number.POSITIVE_INFINITY : time(next),
    isCounted,
  }
}

export const packetOf = (timestamp: number, data: Uint8Array, isKey = true): AviPacket => ({
  timestamp,
  data,
  type: isKey ? 'key' : 'delta',
})

/** Reads chunks, and no more of them than a segment may have. */
function reader({ bytes }: OpenAvi, chunks: Chunks) {
  let [size, count] = [0, 0]
  return async (n: number): Promise<Uint8Array> => {
    size += chunks.size(n)
    count++
    if (size > MOST_BYTES || count > MOST_CHUNKS) {
      throw new Unplayable('The key frames of this file lie too far apart for a browser.')
    }
    const at = chunks.at(n)
    return chunks.size(n) === 0 ? new Uint8Array() : bytes.read(at, at + chunks.size(n))
  }
}

/** With the pictures behind the end that are shown before the key frame there. */
async function inShownOrder(
  read: (n: number) => Promise<Uint8Array>,
  chunks: Chunks,
  first: number,
  next: number | undefined,
) {
  const order = new Mpeg4Order(first)
  for (let n = first; n < (next ?? chunks.length); n++) order.add(await read(n), n === first)
  const [key] = order.pictures
  if (next === undefined) {
    order.flush()
    return { pictures: order.pictures, from: key?.frame ?? first, to: undefined }
  }
  order.flush(next)
  const before = order.pictures.length
  order.add(await read(next), true)
  // Others may stand in its chunk.
  const border = order.pictures[before]
  const last = Math.min(chunks.length, next + 1 + MOST_LEADING)
  for (let n = next + 1; n < last && order.isDelayed(border); n++) order.add(await read(n), false)
  order.flush()
  return { pictures: order.pictures, from: key?.frame ?? first, to: border?.frame ?? next }
}
