import type { AviStream } from './avi-head.ts'
import type { FramedSound } from './sound-frames.ts'

/** Of a picture: how its frames get their times, and what a decoder is told that it is (RFC 9559 27.2). */
export interface AviPicture {
  readonly codecId: string
  /**
   * `shown`: frames are put into the order in which they are shown. `plain`: that is the one they have. `counted`:
   * the decoder puts them into it, and each gets the time of its place.
   */
  readonly order: 'shown' | 'plain' | 'counted'
}

const MPEG4 = /^(?:XVID|XVIX|DIVX|DX50|FMP4|MP4V|MP4S|3IV[12X]|RMP4|SEDG|WV1F|M4S2|UMP4|BLZ0)$/
/** Without frames that are shown before others they need. */
const PLAIN = /^(?:DIV[3-6]|MP4[123]|MPG[34]|AP41|COL[01]|DVX3|MJPG)$/
const H264 = /^(?:H264|X264|AVC1|DAVC|VSSH)$/
const BITMAP_HEAD = 40

/** Undefined: nobody knows it. */
export function pictureIn({ format }: AviStream): AviPicture | undefined {
  const name = format.id(16).toUpperCase()
  if (MPEG4.test(name)) return { codecId: 'V_MPEG4/ISO/ASP', order: 'shown' }
  if (PLAIN.test(name)) return { codecId: 'V_MS/VFW/FOURCC', order: 'plain' }
  return H264.test(name) ? { codecId: 'V_MPEG4/ISO/AVC', order: 'counted' } : undefined
}

/** Lines and columns; heights of pictures that stand on their head are negative. */
export function sizeOf({ format }: AviStream) {
  const height = format.u32(8) | 0
  return { width: Math.min(1e5, format.u32(4)), height: Math.min(1e5, Math.abs(height)) }
}

/** Behind its head. */
export const extraOf = ({ format }: AviStream): Uint8Array => format.bytes.slice(BITMAP_HEAD)

export interface AviSound {
  /** As the page names it. */
  readonly codec: string
  readonly codecId: string
  /** Its frames do not begin where chunks do. */
  readonly frames?: FramedSound
  /** What a decoder has to know first. */
  readonly codecPrivate?: Uint8Array
  readonly bitDepth?: number
}

const EXTENSIBLE = 0xfffe
const WAVE_HEAD = 18

/** Undefined: nobody knows it. Tags as in mmreg.h. */
export function soundIn({ format }: AviStream): AviSound | undefined {
  const tag = format.u16(0) === EXTENSIBLE ? format.u16(24) : format.u16(0)
  const bitDepth = format.u16(14)
  const extra = format.bytes.slice(WAVE_HEAD)
  switch (tag) {
    case 0x55:
      return { codec: 'mp3', codecId: 'A_MPEG/L3', frames: 'mpeg' }
    case 0x50:
      return { codec: 'mp2', codecId: 'A_MPEG/L2', frames: 'mpeg' }
    case 0x2000:
      return { codec: 'ac-3', codecId: 'A_AC3', frames: 'ac3' }
    case 0x2001:
      return { codec: 'dtsc', codecId: 'A_DTS' }
    case 0xff:
      return { codec: 'mp4a.40.2', codecId: 'A_AAC', codecPrivate: extra }
    case 1:
      return { codec: 'A_PCM', codecId: 'A_PCM/INT/LIT', bitDepth }
    default:
      return undefined
  }
}
