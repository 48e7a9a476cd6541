/** A picture of MPEG-4 part 2, in decode order. */
export interface OrderedPicture {
  readonly data: Uint8Array
  readonly isKey: boolean
  /** Which frame of the film it is, in the order in which they are shown. */
  frame: number
}

/** Behind the start code (ISO 14496-2 6.3): of a picture, and of what a program says about itself. */
const VOP = 0xb6
const USER_DATA = 0xb2
const BIDIRECTIONAL = 2
/** Bytes of a picture that says nothing but that there is none. */
const MOST_EMPTY = 19
/** Two pictures in one chunk, or three: what has more is no film. */
const MOST_IN_CHUNK = 4

/**
 * AVI has no times: its frames count in the order in which they are decoded. This finds the order in which they are
 * shown, as a decoder would: a picture that others refer to is shown when the next such picture comes.
 */
export class Mpeg4Order {
  #next: number
  #delayed: OrderedPicture | undefined
  /** Pictures that stood in one chunk with another: an empty chunk makes up for each. */
  #packed = 0
  readonly pictures: OrderedPicture[] = []

  /** @param next the frame that is shown first */
  constructor(next: number) {
    this.#next = next
  }

  /** The next chunk, as the file has it. */
  add(chunk: Uint8Array, isKey: boolean): void {
    if (chunk.length <= MOST_EMPTY && !isKey) {
      this.#skip()
      return
    }
    const parts = picturesIn(chunk)
    this.#packed += parts.length - 1
    for (const [n, data] of parts.entries()) this.#take({ data, isKey: isKey && n === 0, frame: 0 })
  }

  /** Whether pictures may come that are shown before this one, though they are decoded later. */
  isDelayed(picture: OrderedPicture | undefined): boolean {
    return picture !== undefined && this.#delayed === picture
  }

  /** Nothing more comes that is shown before the one that waits. @param next the frame that is shown then */
  flush(next?: number): void {
    if (this.#delayed) this.#delayed.frame = this.#next++
    this.#delayed = undefined
    this.#next = next ?? this.#next
  }

  #take(picture: OrderedPicture): void {
    this.pictures.push(picture)
    if (typeOf(picture.data) === BIDIRECTIONAL) {
      picture.frame = this.#next++
      return
    }
    this.flush()
    this.#delayed = picture
  }

  #skip(): void {
    if (this.#packed > 0) {
      this.#packed--
      return
    }
    // The picture before is shown for longer.
    this.flush()
    this.#next++
  }
}

function startCodes(data: Uint8Array, code: number): readonly number[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  const wanted = Buffer.from([0, 0, 1, code])
  const found: number[] = []
  let at = bytes.indexOf(wanted)
  while (at >= 0 && found.length < MOST_IN_CHUNK) {
    found.push(at)
    at = bytes.indexOf(wanted, at + 4)
  }
  return found
}

/** What stands in front of the first picture goes with it. */
function picturesIn(chunk: Uint8Array): readonly Uint8Array[] {
  const starts = startCodes(chunk, VOP)
  if (starts.length < 2) return [chunk]
  return starts.map((start, n) => unpacked(chunk.subarray(n === 0 ? 0 : start, starts[n + 1])))
}

function typeOf(data: Uint8Array): number {
  const [at] = startCodes(data, VOP)
  return at === undefined ? 0 : (data[at + 4] ?? 0) >> 6
}

/** DivX marks films that have two pictures in a chunk by a letter (`DivX503b1393p`): they are alone now. */
function unpacked(data: Uint8Array): Uint8Array {
  const [at] = startCodes(data, USER_DATA)
  if (at === undefined) return data
  const name = Buffer.from(data.subarray(at + 4, at + 40)).toString('latin1')
  const [found] = /^DivX\d+(?:b|Build)\d+p/.exec(name) ?? []
  if (!found) return data
  const copy = data.slice()
  copy[at + 3 + found.length] = 0
  return copy
}

/** What a decoder has to know first: all that stands in front of the first picture. */
export function mpeg4Head(chunk: Uint8Array): Uint8Array | undefined {
  const [at] = startCodes(chunk, VOP)
  return at === undefined || at === 0 ? undefined : chunk.slice(0, at)
}
