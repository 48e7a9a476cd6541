import type { Readable } from '../film/readable.ts'
import { Unplayable } from '../film/unplayable.ts'
import type { AviHead, AviStream } from './avi-head.ts'
import { type Chunk, chunkAt, Little } from './riff.ts'

/** A film of four hours has a million chunks. */
const MOST_ENTRIES = 2_000_000
const MOST_IDX1 = 16 * MOST_ENTRIES
/** Indexes of one stream: one a gibibyte, some programs write one for less. */
const MOST_INDEXES = 4096
/** A file without an index is read whole to make one: no more than that. */
const MOST_SCANNED = 192 << 20
const SCANNED_AT_ONCE = 1 << 20

/** What stands for a picture that came earlier, in a chunk with another (`mpeg4-order.ts`), may be called a key frame. */
const MOST_EMPTY = 19
const KEY = 0x10
/** Of a frame of OpenDML: it is no key frame. */
const NO_KEY = 2 ** 31

/** Where the chunks of one stream lie, in their order. */
export class Chunks {
  readonly #at: number[] = []
  readonly #sizes: number[] = []
  readonly #keys: number[] = []

  get length(): number {
    return this.#at.length
  }

  /** Of its data, in the file. */
  at(n: number): number {
    return this.#at[n] ?? 0
  }

  size(n: number): number {
    return this.#sizes[n] ?? 0
  }

  /** Numbers of the chunks that are key frames, rising. */
  get keys(): readonly number[] {
    return this.#keys
  }

  add(at: number, size: number, isKey: boolean): void {
    if (this.length === MOST_ENTRIES) throw new Unplayable('The index of this file is too long.')
    if (isKey && size > MOST_EMPTY) this.#keys.push(this.length)
    this.#at.push(at)
    this.#sizes.push(size)
  }
}

/** The chunks of the streams, by number. @throws Unplayable */
export async function aviIndex(
  bytes: Readable,
  head: AviHead,
  streams: readonly AviStream[],
): Promise<ReadonlyMap<number, Chunks>> {
  const all = new Map(streams.map(({ number }) => [number, new Chunks()]))
  const opened = streams.every(({ index }) => index && index.u8(3) === 0 && index.u32(4) > 0)
  if (opened) {
    for (const stream of streams) await readOpenDml(bytes, stream, all.get(stream.number))
  } else if (head.idx1) await readIdx1(bytes, head.movi, head.idx1, all)
  const isEmpty = streams.some(({ number, kind }) => kind === 'vids' && !all.get(number)?.length)
  if (isEmpty) await scan(bytes, head.movi, all)
  return all
}

/** The stream that a chunk is of, by its name: `01wb`. Palettes and indexes are of none. */
function streamOf(id: string): number | undefined {
  return /^\d\d(?:dc|db|wb)$/.test(id) ? Number(id.slice(0, 2)) : undefined
}

/** One entry a chunk: name, flags, place, size. Places count from the film's list, or from the file's beginning. */
async function readIdx1(
  bytes: Readable,
  movi: Chunk,
  { start, end }: Chunk,
  all: ReadonlyMap<number, Chunks>,
): Promise<void> {
  const last = Math.min(end, bytes.size)
  if (last - start > MOST_IDX1) throw new Unplayable('The index of this file is too long.')
  if (last <= start) return
  const index = new Little(await bytes.read(start, last))
  let base: number | undefined
  for (let at = 0; at + 16 <= index.length; at += 16) {
    const id = index.id(at)
    const chunks = all.get(streamOf(id) ?? -1)
    if (!chunks) continue
    base ??= await baseOf(bytes, movi, index.u32(at + 8), id)
    const [place, size] = [base + index.u32(at + 8) + 8, index.u32(at + 12)]
    if (place + size > bytes.size) return
    chunks.add(place, size, (index.u32(at + 4) & KEY) !== 0)
  }
}

async function baseOf(bytes: Readable, movi: Chunk, place: number, id: string): Promise<number> {
  for (const base of [movi.start - 4, 0]) {
    const at = base + place
    if (at + 4 > bytes.size) continue
    if (new Little(await bytes.read(at, at + 4)).id(0) === id) return base
  }
  return movi.start - 4
}

/** An index of indexes (OpenDML AVI File Format Extensions 1.02, 3.0). */
async function readOpenDml(bytes: Readable, { index }: AviStream, chunks?: Chunks): Promise<void> {
  const count = Math.min(index?.u32(4) ?? 0, MOST_INDEXES)
  for (let n = 0; n < count; n++) {
    const entry = 24 + 16 * n
    const [start, size] = [index?.u64(entry) ?? 0, index?.u32(entry + 8) ?? 0]
    // One that is not written yet.
    if (start === 0 || size < 32) continue
    if (size > 8 * MOST_ENTRIES || start + size > bytes.size) return
    const one = new Little(await bytes.read(start, start + size))
    const base = one.u64(20)
    const entries = Math.min(one.u32(12), Math.floor((size - 32) / 8))
    for (let m = 0; m < entries; m++) {
      const at = base + one.u32(32 + 8 * m)
      const length = one.u32(36 + 8 * m)
      const [isKey, bytesOf] = [length < NO_KEY, length % NO_KEY]
      if (at + bytesOf > bytes.size) return
      chunks?.add(at, bytesOf, isKey)
    }
  }
}

/** Walks from chunk to chunk. What is a key frame is not known then: each picture's own head tells. */
async function scan(bytes: Readable, movi: Chunk, all: ReadonlyMap<number, Chunks>): Promise<void> {
  if (movi.end - movi.start > MOST_SCANNED) {
    throw new Unplayable(
      'This file has no index, and is too large to make one. Open it in another player.',
    )
  }
  let at = movi.start
  let [from, part] = [0, new Little(new Uint8Array())]
  while (at + 8 <= movi.end) {
    if (at < from || at + 16 > from + part.length) {
      from = at
      part = new Little(await bytes.read(at, Math.min(bytes.size, at + SCANNED_AT_ONCE)))
    }
    const chunk = chunkAt(part, at - from)
    if (!chunk) return
    const size = chunk.end - chunk.start
    // Records group chunks that are read together.
    if (chunk.id === 'LIST rec ') at += 12
    else {
      if (at + 8 + size > bytes.size) return
      all.get(streamOf(chunk.id) ?? -1)?.add(at + 8, size, isKeyPicture(part, at - from + 8))
      at += 8 + size + (size % 2)
    }
  }
}

/** Of MPEG-4 part 2: it begins with the head of the film, which stands in front of key frames alone. */
function isKeyPicture(part: Little, at: number): boolean {
  const start = part.u32(at)
  const isStart = (start & 0xffffff) === 0x010000
  const kind = part.u8(at + 3)
  if (isStart && kind === 0xb6) return part.u8(at + 4) >> 6 === 0
  return isStart && (kind <= 0x2f || kind === 0xb0 || kind === 0xb2 || kind === 0xb3)
}
