import type { ReadPart } from '../film/readable.ts'

/** Of an index: a film of ten hours has some ten MiB. */
const MOST_MOOV = 32 << 20
/** Boxes looked at to find the index. */
const MOST_BOXES = 64
const HEAD = 16
const FIRST = new Set(['ftyp', 'moov', 'wide', 'mdat', 'free', 'skip'])

/** The data of one box (ISO 14496-12 4.2). What lies outside of it reads as 0. */
export class Box {
  readonly type: string
  readonly #view: DataView
  readonly #from: number
  readonly length: number

  constructor(type: string, view: DataView, from: number, to: number) {
    this.type = type
    this.#view = view
    this.#from = from
    this.length = to - from
  }

  u8(at: number): number {
    return at + 1 <= this.length ? this.#view.getUint8(this.#from + at) : 0
  }

  u16(at: number): number {
    return at + 2 <= this.length ? this.#view.getUint16(this.#from + at) : 0
  }

  u32(at: number): number {
    return at + 4 <= this.length ? this.#view.getUint32(this.#from + at) : 0
  }

  /** Not exact beyond 2^53. */
  u64(at: number): number {
    return this.u32(at) * 2 ** 32 + this.u32(at + 4)
  }

  bytes(at: number, most: number): Uint8Array {
    const length = Math.max(0, Math.min(most, this.length - at))
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#from + at, length)
  }

  /** The box whose head begins there; undefined where there is none that is whole. */
  child(at: number): { readonly box: Box; readonly end: number } | undefined {
    const isLong = this.u32(at) === 1
    const size = isLong ? this.u64(at + 8) : this.u32(at) || this.length - at
    const head = isLong ? 16 : 8
    const end = at + size
    if (size < head || end > this.length) return undefined
    const type = String.fromCharCode(...this.bytes(at + 4, 4))
    return { box: new Box(type, this.#view, this.#from + at + head, this.#from + end), end }
  }
}

/** @param from where the first one begins in the data */
export function* boxesIn(box: Box, from = 0): Generator<Box> {
  let at = from
  while (at + 8 <= box.length) {
    const found = box.child(at)
    if (!found) return
    yield found.box
    at = found.end
  }
}

/** The first of that path of types within it. */
export function pathOf(box: Box, ...types: readonly string[]): Box | undefined {
  let found: Box | undefined = box
  for (const type of types) {
    let next: Box | undefined
    for (const one of found ? boxesIn(found) : []) {
      if (one.type !== type) continue
      next = one
      break
    }
    found = next
  }
  return found
}

const boxOf = (bytes: Uint8Array): Box =>
  new Box('', new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length)

/** The index of an MP4 or MOV; undefined for any other file, and for one that is too large. */
export async function moovOf(read: ReadPart, size: number): Promise<Box | undefined> {
  let at = 0
  for (let n = 0; n < MOST_BOXES && at + HEAD <= size; n++) {
    const head = boxOf(await read(at, at + HEAD))
    const type = String.fromCharCode(...head.bytes(4, 4))
    if (n === 0 && !FIRST.has(type)) return undefined
    const isLong = head.u32(0) === 1
    const length = isLong ? head.u64(8) : head.u32(0) || size - at
    const end = at + length
    if (length < 8 || end > size) return undefined
    if (type === 'moov') {
      if (length > MOST_MOOV) return undefined
      return boxOf(await read(at + (isLong ? 16 : 8), end))
    }
    at = end
  }
  return undefined
}
