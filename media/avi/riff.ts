/** A chunk of RIFF (Multimedia Programming Interface 1.0, IBM and Microsoft, 1991): where its data lies. */
export interface Chunk {
  /** `strf`; of a list its kind, `LIST movi`. */
  readonly id: string
  readonly start: number
  readonly end: number
}

const HEAD = 8

const text = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4))

/** What lies outside of the bytes reads as 0. */
export class Little {
  readonly bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get length(): number {
    return this.bytes.length
  }

  u8(at: number): number {
    return this.bytes[at] ?? 0
  }

  u16(at: number): number {
    return at + 2 <= this.length ? this.#view.getUint16(at, true) : 0
  }

  u32(at: number): number {
    return at + 4 <= this.length ? this.#view.getUint32(at, true) : 0
  }

  /** Not exact beyond 2^53. */
  u64(at: number): number {
    return this.u32(at) + this.u32(at + 4) * 2 ** 32
  }

  /** Four letters; what is no letter stays what it is. */
  id(at: number): string {
    return text(this.bytes, at)
  }

  part(start: number, end: number): Little {
    return new Little(this.bytes.subarray(start, end))
  }
}

/** The chunk whose head begins at `at`; undefined where there is none. It may claim to end behind the bytes. */
export function chunkAt(bytes: Little, at: number): Chunk | undefined {
  if (at + HEAD > bytes.length) return undefined
  const id = bytes.id(at)
  const end = at + HEAD + bytes.u32(at + 4)
  if (id !== 'LIST' && id !== 'RIFF') return { id, start: at + HEAD, end }
  return { id: `${id} ${bytes.id(at + HEAD)}`, start: at + HEAD + 4, end }
}

/** Chunks begin at even places. */
export const behind = ({ end }: Chunk): number => end + (end % 2)

/** The chunks within some bytes, as far as they are whole. */
export function* chunksIn(bytes: Little): Generator<Chunk> {
  let at = 0
  while (at < bytes.length) {
    const chunk = chunkAt(bytes, at)
    if (!chunk || chunk.end > bytes.length) return
    yield chunk
    at = behind(chunk)
  }
}
