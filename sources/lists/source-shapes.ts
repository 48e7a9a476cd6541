import { z } from 'zod'
import { isPeerAddress } from '../../common/bittorrent/magnet.ts'
import { isForeignUrl, TRACKER, WEB } from '../../common/network/foreign-url.ts'
import { isSourceKey } from '../source-key.ts'

// The parts of a stored source, as both forms of a source list have them.

const text = z.string().max(1000)
export const web = z.string().refine((url) => isForeignUrl(url, WEB))
export const tracker = z.string().refine((url) => isForeignUrl(url, TRACKER))
export const peer = z.string().refine(isPeerAddress)
export const infoHash = z.string().regex(/^[0-9a-f]{40}$/)
export const sourceKeyShape = z.string().refine(isSourceKey)
export const providerName = text

/**
 * Tokens and visible characters only (RFC 9110 5.6.2 and 5.5): a line break would begin another
 * header.
 */
const headers = z
  // Counted first: the record keeps a complaint for each wrong one, however many there are.
  .custom<object>((given) => typeof given === 'object' && Object.keys(given ?? {}).length <= 20)
  .pipe(
    z.record(
      z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/),
      z.string().regex(/^[\t\x20-\x7e]{0,1000}$/),
    ),
  )
export const proxyHeadersShape = z.object({
  request: headers.exactOptional(),
  response: headers.exactOptional(),
})

export const selectorShape = z.object({
  file: text.exactOptional(),
  fileIdx: z.int().min(0).max(65_535).exactOptional(),
  isHint: z.literal(true).exactOptional(),
})

const subtitleShape = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  url: web,
  lang: z.string().regex(/^[a-z]{3}$/),
  request: headers.exactOptional(),
})

/** What a source says of itself, beside where it is. */
export const factsShape = z.object({
  identity: text.exactOptional(),
  label: text.exactOptional(),
  quality: text.exactOptional(),
  size: z.int().min(0).exactOptional(),
  filename: text.exactOptional(),
  licence: text.exactOptional(),
  seeders: z.int().min(0).exactOptional(),
  partOf: sourceKeyShape.exactOptional(),
  languages: z.array(text).max(50).exactOptional(),
  subtitles: z.array(subtitleShape).max(16).exactOptional(),
  proxyHeaders: proxyHeadersShape.exactOptional(),
})
