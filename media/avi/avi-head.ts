import type { Readable } from '../film/readable.ts'
import { behind, type Chunk, chunkAt, chunksIn, Little } from './riff.ts'

/** Of what describes the streams: some kilobytes, and a little for each index of a long film. */
const MOST_HEAD = 1 << 20
/** Chunks looked at beside each other. */
const MOST_CHUNKS = 64
const MOST_STREAMS = 40
/** RIFF and LIST: id, size, kind. */
const LIST_HEAD = 12

/** A stream of an AVI (AVI RIFF File Reference, Microsoft). */
export interface AviStream {
  /** Within the file, from 0: chunks are named after it. */
  readonly number: number
  readonly kind: 'vids' | 'auds'
  /** Seconds of one unit: a frame, or `sampleSize` bytes of sound. */
  readonly unit: number
  /** Units that it begins later. */
  readonly start: number
  /** Bytes of a unit of sound; 0: its length differs, and a chunk holds whole ones. */
  readonly sampleSize: number
  /** BITMAPINFOHEADER or WAVEFORMATEX. */
  readonly format: Little
  /** The index of the indexes of its chunks (OpenDML 1.02). */
  readonly index: Little | undefined
}

export interface AviHead {
  readonly streams: readonly AviStream[]
  /** Of the film itself; `end` lies within the file. */
  readonly movi: Chunk
  /** The index of the first gibibyte, if it has one. */
  readonly idx1: Chunk | undefined
}

/** Undefined: it is no AVI. Reads the head, and the heads of the chunks behind. */
export async function aviHead(bytes: Readable): Promise<AviHead | undefined> {
  const read = async (start: number, end: number) =>
    new Little(start < bytes.size ? await bytes.read(start, Math.min(end, bytes.size)) : NOTHING)
  if (chunkAt(await read(0, LIST_HEAD), 0)?.id !== 'RIFF AVI ') return undefined
  let at = LIST_HEAD
  let streams: readonly AviStream[] = []
  let movi: Chunk | undefined
  let idx1: Chunk | undefined
  for (let n = 0; n < MOST_CHUNKS && !idx1; n++) {
    const local = chunkAt(await read(at, at + LIST_HEAD), 0)
    if (!local) break
    const chunk = { id: local.id, start: at + local.start, end: at + local.end }
    if (chunk.id === 'LIST hdrl') {
      streams = streamsOf(await read(chunk.start, Math.min(chunk.end, chunk.start + MOST_HEAD)))
    }
    if (chunk.id === 'idx1') idx1 = chunk
    if (chunk.id === 'LIST movi') movi ??= { ...chunk, end: Math.min(chunk.end, bytes.size) }
    at = behind(chunk)
  }
  return movi && { streams, movi, idx1 }
}

const NOTHING = new Uint8Array()

function streamsOf(hdrl: Little): readonly AviStream[] {
  const streams: AviStream[] = []
  let number = 0
  for (const list of chunksIn(hdrl)) {
    if (list.id !== 'LIST strl' || number === MOST_STREAMS) continue
    const stream = streamOf(hdrl.part(list.start, list.end), number++)
    if (stream) streams.push(stream)
  }
  return streams
}

function streamOf(strl: Little, number: number): AviStream | undefined {
  const parts = new Map<string, Little>()
  for (const { id, start, end } of chunksIn(strl)) {
    if (['strh', 'strf', 'indx'].includes(id)) parts.set(id, strl.part(start, end))
  }
  const [head, format] = [parts.get('strh'), parts.get('strf')]
  const kind = head?.id(0)
  if (!head || !format || (kind !== 'vids' && kind !== 'auds')) return undefined
  const [scale, rate] = [head.u32(20), head.u32(24)]
  if (scale === 0 || rate === 0) return undefined
  return {
    number,
    kind,
    unit: scale / rate,
    start: head.u32(28),
    sampleSize: head.u32(44),
    format,
    index: parts.get('indx'),
  }
}
