/** Facts that people write into the text of a stream or a feed. */
export interface StatedFacts {
  readonly seeders?: number
  /** Bytes; rounded as the text is. */
  readonly size?: number
}

const NUMBER = /(\d{1,4}(?:[.,]\d{1,3})?)/.source
const UNITS: Readonly<Record<string, number>> = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}
const GB = 1e9
/** A disk emoji or a word, then a number and a unit; else any number with a unit. */
const SIZE = [
  new RegExp(`(?:💾|📦|🗄️?|size(?:\\s*:)?)\\s*${NUMBER}\\s*([kmgt]i?)b(?![a-z])`, 'iu'),
  new RegExp(`(?<![\\d.,])${NUMBER}\\s*([kmgt]i?)b(?![a-z/])`, 'iu'),
]
/** People (alone, or several), a plant, an arrow or a word, then a number. */
const SEEDERS = /(?:👤|👥|🧑|🌱|⬆️?|seed(?:er)?s?(?:\s*:)?)\s*(\d{1,7})(?!\d)/iu
/** Longer texts are cut before a pattern sees them. */
const MAX_TEXT = 2000

export function statedFacts(text: string): StatedFacts {
  // With rows of blanks the patterns would take the square of their length.
  const short = text.slice(0, MAX_TEXT).replace(/\s+/g, ' ')
  const seeders = SEEDERS.exec(short)?.[1]
  const [, amount, unit] = SIZE.map((pattern) => pattern.exec(short)).find(Boolean) ?? []
  const factor = UNITS[unit?.toLowerCase() ?? '']
  const size = amount && factor ? Math.round(amountIn(amount, factor) * factor) : 0
  return {
    ...(seeders !== undefined && { seeders: Number(seeders) }),
    // `9999 TB` is not a size, and too large for an exact number.
    ...(size > 0 && Number.isSafeInteger(size) && { size }),
  }
}

/** `1,5 GB`, and `1,234 MB`: of small units three digits behind a comma are thousands. */
function amountIn(text: string, factor: number): number {
  const isThousands = factor < GB && /^[1-9]\d{0,2},\d{3}$/.test(text)
  return Number(text.replace(',', isThousands ? '' : '.'))
}

/** Bytes, or a count, where a number should stand alone: `1234`, `1,234`, `1234.0`; `1.4 GiB`. */
export function statedNumber(text: string | undefined): number | undefined {
  const plain = text?.trim() ?? ''
  if (/^\d{1,15}(?:\.0{1,6})?$/.test(plain)) return Number(plain)
  if (/^\d{1,3}(?:,\d{3}){1,4}$/.test(plain)) return Number(plain.replaceAll(',', ''))
  return statedFacts(plain.slice(0, 40)).size
}
