/** Lines that an encoded picture has at most: steps of a ladder, of which a machine takes one. */
export const RUNGS = [720, 480, 360] as const
export type Rung = (typeof RUNGS)[number]

/** What all encoded pictures are (RFC 6381): High profile, level 3.2, which 720p of 60 frames a second needs. */
export const ENCODED = 'avc1.640020'
/** Bits a second at most. */
export const RUNG_BITS: Readonly<Record<Rung, number>> = {
  720: 3_000_000,
  480: 1_500_000,
  360: 800_000,
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** A picture within a rung of 16:9: as large as it may be, never larger than it is, with even sides. */
export function sizeWithin({ width, height }: Size, rung: Rung): Size {
  const most = Math.round((rung * 16) / 9)
  const scale = Math.min(1, rung / Math.max(1, height), most / Math.max(1, width))
  const even = (side: number) => Math.max(16, 2 * Math.round((side * scale) / 2))
  return { width: even(width), height: even(height) }
}
