import type { ByteRange } from './byte-reader.ts'

export type RangeAnswer =
  /** Answer 200 with everything: no Range, or one we may ignore (RFC 9110 14.2). */
  | { readonly kind: 'whole' }
  /** Answer 206 with exactly this range. */
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** Answer 416. */
  | { readonly kind: 'unsatisfiable' }

const WHOLE: RangeAnswer = { kind: 'whole' }
const UNSATISFIABLE: RangeAnswer = { kind: 'unsatisfiable' }

/**
 * Reads a Range header for a file of `size` bytes (RFC 9110 14.1.2). One range only: several are
 * answered whole, as is anything that is not a range of bytes. Unit names ignore case (14.1).
 */
export function parseRange(header: string | undefined, size: number): RangeAnswer {
  const set = /^bytes=(.*)$/i.exec(header ?? '')?.[1]
  if (set === undefined) return WHOLE
  // The list rule (RFC 9110 5.6.1) allows blanks around members, and empty members.
  const members = set.split(',').map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
  const specs = members.filter((member) => member !== '')
  const match = specs.length === 1 ? /^(\d*)-(\d*)$/.exec(specs[0] ?? '') : null
  if (!match) return WHOLE
  const [, first = '', last = ''] = match
  if (first === '') return last === '' ? WHOLE : suffix(Number(last), size)
  const start = Number(first)
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last)
  if (start > end) return WHOLE
  if (start >= size) return UNSATISFIABLE
  return { kind: 'part', range: { start, end: Math.min(end, size - 1) } }
}

function suffix(length: number, size: number): RangeAnswer {
  if (length === 0) return UNSATISFIABLE
  // The last bytes of an empty file are satisfiable, but no Content-Range can say so.
  if (size === 0) return WHOLE
  return { kind: 'part', range: { start: Math.max(0, size - length), end: size - 1 } }
}

/**
 * Whether Range counts under this If-Range header (RFC 9110 13.1.5): absent, or the same strong
 * entity tag. Dates and weak tags never match, so the whole file is sent.
 */
export const ifRangeMatches = (header: string | undefined, etag: string): boolean =>
  header === undefined || (header.trim() === etag && !etag.startsWith('W/'))
