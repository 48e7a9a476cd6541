/** A frame of sound and where it lies in the bytes it was found in. */
export interface SoundFrame {
  readonly at: number
  readonly data: Uint8Array
  /** Seconds. */
  readonly length: number
}

interface FrameHead {
  readonly bytes: number
  readonly length: number
}

/** Kilobits a second, by index (ISO 11172-3 2.4.2.3, ISO 13818-3 2.4.2.3). */
const LAYER_3 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const LAYER_2 = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
const LOW_RATE = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const RATES = [44_100, 48_000, 32_000]

/** MPEG audio, layers 2 and 3. */
function mpegHead(bytes: Uint8Array, at: number): FrameHead | undefined {
  const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
  if (a !== 0xff || (b & 0xe0) !== 0xe0) return undefined
  const [version, layer, index, rateIndex] = [
    (b >> 3) & 3,
    4 - ((b >> 1) & 3),
    c >> 4,
    (c >> 2) & 3,
  ]
  const rate = RATES[rateIndex]
  if (version === 1 || (layer !== 2 && layer !== 3) || rate === undefined) return undefined
  const isLow = version !== 3
  const kilobits = (isLow ? LOW_RATE : layer === 2 ? LAYER_2 : LAYER_3)[index]
  if (!kilobits) return undefined
  const hertz = rate / (version === 3 ? 1 : version === 2 ? 2 : 4)
  const samples = layer === 3 && isLow ? 576 : 1152
  const size = Math.floor((samples * 125 * kilobits) / hertz) + ((c >> 1) & 1)
  return { bytes: size, length: samples / hertz }
}

/** Sixteen-bit words of a frame at 48 kHz are twice the kilobits, which rise so (ATSC A/52 table 5.18). */
const AC3_KILOBITS = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
]

function ac3Head(bytes: Uint8Array, at: number): FrameHead | undefined {
  const [a = 0, b = 0, , , code = 0] = bytes.subarray(at, at + 5)
  const kilobits = AC3_KILOBITS[(code & 63) >> 1]
  if (a !== 0x0b || b !== 0x77 || kilobits === undefined) return undefined
  switch (code >> 6) {
    case 0:
      return { bytes: 4 * kilobits, length: 1536 / 48_000 }
    case 1:
      return { bytes: 2 * (Math.floor((320 * kilobits) / 147) + (code & 1)), length: 1536 / 44_100 }
    case 2:
      return { bytes: 6 * kilobits, length: 1536 / 32_000 }
    default:
      return undefined
  }
}

const HEADS = { mpeg: mpegHead, ac3: ac3Head }
export type FramedSound = keyof typeof HEADS

/** The whole frames in some bytes, which may begin and end anywhere: each is where another one follows, or the end. */
export function* soundFrames(bytes: Uint8Array, kind: FramedSound): Generator<SoundFrame> {
  const headOf = HEADS[kind]
  let at = 0
  while (at < bytes.length) {
    const head = headOf(bytes, at)
    const next = at + (head?.bytes ?? 1)
    const isFrame = head && next <= bytes.length && (next === bytes.length || headOf(bytes, next))
    if (isFrame) yield { at, data: bytes.subarray(at, next), length: head.length }
    at = isFrame ? next : at + 1
  }
}
