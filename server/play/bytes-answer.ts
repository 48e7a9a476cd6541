import { create as contentDisposition } from 'content-disposition'
import { LRUCache } from 'lru-cache'
import type { ByteRange } from '../../common/byte-reader.ts'
import { mediaType } from '../../common/media-types.ts'
import { ifRangeMatches, parseRange } from '../../common/range.ts'
import { openToAll } from '../http/cors.ts'

export interface BytesFacts {
  readonly name: string
  readonly size?: number
  readonly etag?: string | undefined
  /** No parts of it can be had (RFC 9110 14.3): a Range counts as not sent. */
  readonly whole?: boolean | undefined
}

/** What of the request decides over bytes (RFC 9110 13 and 14). */
export interface BytesRequest {
  readonly 'if-none-match'?: string | undefined
  readonly 'if-range'?: string | undefined
  readonly range?: string | undefined
}

export type BytesAnswer =
  | { readonly status: 200 | 206; readonly headers: Headers; readonly range: ByteRange | undefined }
  | { readonly status: 304; readonly headers: Headers }
  | { readonly status: 416; readonly headers: Headers }

type Headers = Record<string, string | number>

/**
 * Bytes never change under one ETag, but which bytes an address means may (a number without its
 * key, a local file that was replaced): so a stored part is asked about before it is used again.
 * `private`: a shared cache would keep films past our limits; `no-transform`: a strong ETag
 * promises these very bytes.
 */
const CACHE_CONTROL = 'private, max-age=0, must-revalidate, no-transform'

/** Control characters, and the marks that turn the reading direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNSEEN = /[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Last segment of the name, at most 200 characters of it; may be empty. */
export function cleanName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const clean = last.replace(UNSEEN, '').trim()
  const dot = clean.lastIndexOf('.')
  const tail = dot > 0 && clean.length - dot <= 10 ? clean.slice(dot) : ''
  return clean.length <= 200 ? clean : clean.slice(0, 200 - tail.length) + tail
}

/** Of the last names: a film is asked for in hundreds of ranges. */
const ofName = new LRUCache<string, Headers>({ max: 500 })

/** Headers of 200, 206, 304 and HEAD. A new object each time: the caller adds to it. */
function sharedHeaders({ name, etag, whole }: BytesFacts): Headers {
  let known = ofName.get(name)
  if (!known) {
    known = headersOfName(name)
    ofName.set(name, known)
  }
  const headers: Headers = etag === undefined ? { ...known } : { ...known, ETag: etag }
  if (whole) headers['Accept-Ranges'] = 'none'
  return headers
}

function headersOfName(name: string): Headers {
  const clean = cleanName(name).toWellFormed()
  return {
    ...openToAll,
    'Accept-Ranges': 'bytes',
    'Cache-Control': CACHE_CONTROL,
    'Content-Disposition': clean
      ? contentDisposition(clean, { type: 'inline' })
      : contentDisposition(undefined, { type: 'inline' }),
    'Content-Type': mediaType(clean),
    // What is slow is slow because it arrives so: a proxy that hoards it first only makes it later.
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
  }
}

/** Weak comparison (RFC 9110 13.1.2): a player's stored `W/"x"` names the same bytes as `"x"`. */
export function noneMatch(header: string | undefined, etag: string | undefined): boolean {
  if (header === undefined || etag === undefined) return true
  if (header.trim() === '*') return false
  const tags: readonly string[] = header.match(/"[^"]*"/g) ?? []
  return !tags.includes(etag)
}

/**
 * Status and headers of a GET for bytes, in the order of RFC 9110 13.2.2 (no precondition for
 * writes: nothing is written here). `range` undefined: an empty file.
 */
export function bytesAnswer(
  request: BytesRequest,
  facts: BytesFacts & { readonly size: number },
): BytesAnswer {
  const { size, etag } = facts
  const headers = sharedHeaders(facts)
  if (!noneMatch(request['if-none-match'], etag)) return { status: 304, headers }
  // With an If-Range that names other bytes the Range counts as not sent (RFC 9110 13.1.5).
  const ranged =
    request.range !== undefined && !facts.whole && ifRangeMatches(request['if-range'], etag)
  const wanted = parseRange(ranged ? request.range : undefined, size)
  if (wanted.kind === 'unsatisfiable') {
    return {
      status: 416,
      headers: { 'Accept-Ranges': 'bytes', 'Content-Range': `bytes */${size}` },
    }
  }
  if (wanted.kind === 'part') {
    const { range } = wanted
    headers['Content-Length'] = range.end - range.start + 1
    headers['Content-Range'] = `bytes ${range.start}-${range.end}/${size}`
    return { status: 206, headers, range }
  }
  headers['Content-Length'] = size
  return { status: 200, headers, range: size === 0 ? undefined : { start: 0, end: size - 1 } }
}

/** HEAD: as far as known, Range ignored (RFC 9110 14.2: a range is defined for GET only). */
export function headAnswer(
  request: BytesRequest,
  facts: BytesFacts,
): { readonly status: 200 | 304; readonly headers: Headers } {
  const headers = sharedHeaders(facts)
  if (!noneMatch(request['if-none-match'], facts.etag)) return { status: 304, headers }
  if (facts.size !== undefined) headers['Content-Length'] = facts.size
  return { status: 200, headers }
}
