import type { ByteRange } from './byte-reader.ts'

/** How to answer a request with this Range header. */
export type RangeAnswer =
  /** 200 with the whole file: there is no Range, or one that we may ignore (RFC 9110 14.2). */
  | { readonly kind: 'whole' }
  /** 206 with exactly this range. */
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** 416: the range lies outside of the file. */
  | { readonly kind: 'unsatisfiable' }

/** Characters of a Range header that is read; two numbers of a file need 40. */
const LONGEST = 1000
const WHOLE: RangeAnswer = { kind: 'whole' }
const UNSATISFIABLE: RangeAnswer = { kind: 'unsatisfiable' }

/**
 * Parses a Range header for a file of `size` bytes (RFC 9110 14.1.2). Several ranges, or anything
 * that is not a range of bytes, are answered with the whole file. Unit names ignore case (14.1).
 */
export function parseRange(header: string | undefined, size: number): RangeAnswer {
  // Longer than any range of bytes with its blanks: nothing below is asked to read it.
  if (header === undefined || header.length > LONGEST) return WHOLE
  const set = /^bytes=(.*)$/i.exec(header)?.[1]
  if (set === undefined) return WHOLE
  // Lists may have spaces around their members, and empty members (RFC 9110 5.6.1).
  const members = set.split(',').map(withoutBlanks)
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

/** Without spaces and tabs around it (RFC 9110 5.6.3 OWS), in one pass from each end. */
function withoutBlanks(text: string): string {
  const isBlank = (at: number): boolean => text[at] === ' ' || text[at] === '\t'
  let start = 0
  let end = text.length
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return text.slice(start, end)
}

function suffix(length: number, size: number): RangeAnswer {
  if (length === 0) return UNSATISFIABLE
  // The last bytes of an empty file are a valid range, but no Content-Range can express it.
  if (size === 0) return WHOLE
  return { kind: 'part', range: { start: Math.max(0, size - length), end: size - 1 } }
}

/**
 * Whether the Range applies (RFC 9110 13.1.5): there is no If-Range header, or it has the same
 * strong entity tag. Dates and weak tags never match; then the whole file is sent.
 */
export const ifRangeMatches = (header: string | undefined, etag: string | undefined): boolean =>
  header === undefined || (header.trim() === etag && !etag.startsWith('W/'))
