import type { Size } from '../film/rungs.ts'

/** Profiles that tell of colours and scaling (ITU-T H.264 7.3.2.1.1). */
const HIGH = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]
/** Of a macroblock. */
const SIDE = 16
/** The kind of unit that a set of parameters is (7.4.1), and how long one is at most. */
const SPS = 7
const MOST_BYTES = 1024
/** Reads no more zeros in front of a number: who has more is broken. */
const MOST_ZEROS = 31

/** Bits of a set of parameters, without what keeps start codes out of it (7.4.1). */
class Bits {
  readonly #bytes: readonly number[]
  #at = 0

  constructor(unit: Uint8Array) {
    this.#bytes = [...unit].filter(
      (byte, n) => !(byte === 3 && n >= 2 && unit[n - 1] === 0 && unit[n - 2] === 0),
    )
  }

  read(count: number): number {
    let value = 0
    for (let n = 0; n < count; n++, this.#at++) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1)
    }
    return value
  }

  /** Exp-Golomb (9.1). */
  number(): number {
    let zeros = 0
    while (zeros < MOST_ZEROS && this.read(1) === 0) zeros++
    return 2 ** zeros - 1 + this.read(zeros)
  }

  signed(): number {
    const code = this.number()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}

/** Lists of factors, of which only the length matters (7.3.2.1.1.1). */
function skipScaling(bits: Bits, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.read(1) === 0) continue
    let [last, next] = [8, 8]
    for (let n = 0; n < (list < 6 ? 16 : 64) && next !== 0; n++) {
      next = (last + bits.signed() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

/** @returns how chroma is sampled: 1 where nobody says otherwise, 4:2:0 */
function skipColours(bits: Bits): number {
  const chroma = bits.number()
  if (chroma === 3) bits.read(1)
  bits.number()
  bits.number()
  bits.read(1)
  if (bits.read(1) === 1) skipScaling(bits, chroma === 3 ? 12 : 8)
  return chroma
}

function skipOrder(bits: Bits): void {
  const type = bits.number()
  if (type === 0) bits.number()
  if (type !== 1) return
  bits.read(1)
  bits.signed()
  bits.signed()
  for (let n = Math.min(255, bits.number()); n > 0; n--) bits.signed()
}

/** How large the pictures of a stream of H.264 are, in samples, as the first set of parameters in it tells (annex B). */
export function avcSize(stream: Uint8Array): Size | undefined {
  for (let at = 0; at + 4 < stream.length; at++) {
    const isStart = stream[at] === 0 && stream[at + 1] === 0 && stream[at + 2] === 1
    if (!isStart || ((stream[at + 3] ?? 0) & 31) !== SPS) continue
    return sizeOf(new Bits(stream.subarray(at + 4, at + 4 + MOST_BYTES)))
  }
  return undefined
}

function sizeOf(bits: Bits): Size {
  const profile = bits.read(8)
  bits.read(16)
  bits.number()
  const chroma = HIGH.includes(profile) ? skipColours(bits) : 1
  bits.number()
  skipOrder(bits)
  bits.number()
  bits.read(1)
  const [columns, rows] = [bits.number() + 1, bits.number() + 1]
  const isFrames = bits.read(1) === 1
  bits.read(isFrames ? 1 : 2)
  const fields = isFrames ? 1 : 2
  const cut = bits.read(1) === 1 ? [0, 0, 0, 0].map(() => bits.number()) : [0, 0, 0, 0]
  const [left = 0, right = 0, top = 0, bottom = 0] = cut
  const [across, down] = [chroma === 1 || chroma === 2 ? 2 : 1, chroma === 1 ? 2 : 1]
  return {
    width: columns * SIDE - across * (left + right),
    height: fields * (rows * SIDE - down * (top + bottom)),
  }
}
