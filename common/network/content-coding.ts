import { promisify } from 'node:util'
import zlib from 'node:zlib'

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const gunzip: Decode = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)
const inflate: Decode = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate)
const inflateRaw: Decode = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw)

/** RFC 9110 8.4.1, RFC 7932, RFC 8878. */
const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  // With a zlib header, as the standard says, or without, as some servers do.
  ['deflate', (bytes, options) => (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, options)],
  ['br', promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress)],
  ['zstd', promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)],
])

/** RFC 1950 2.2. */
const hasZlibHeader = ([first = 0, second = 0]: Buffer): boolean =>
  (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0

/** What servers write that is no coding: of bytes as they are, of their charset, or of how they were once uploaded. */
const NO_CODINGS = new Set([
  ...['', 'identity', 'none', 'binary', '7bit', '8bit', 'utf-8', 'utf8'],
  // Stores like S3 keep it with what was uploaded in chunks, and give it out with the whole.
  'aws-chunked',
])

/** More of them are none that is known. */
const MOST_NAMED = 8

/** The Content-Encoding of an answer in lower case, `identity` where the body is as it is. */
export function codingOf(header: string | undefined): string {
  const named = (header ?? '').toLowerCase().split(',', MOST_NAMED)
  return (
    named
      .map((one) => one.trim())
      .filter((one) => !NO_CODINGS.has(one))
      .join() || 'identity'
  )
}

/** Whether decoded() knows what codingOf() has read; one coding, not several. */
export const isKnownCoding = (coding: string): boolean =>
  coding === 'identity' || DECODERS.has(coding)

/**
 * The body without its content coding, inflated in another thread.
 * @param coding in lower case
 * @throws when it is damaged or cut short, or would have more than `maxBytes`: it is given up there
 */
export async function decoded(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const decode = DECODERS.get(coding)
  return decode && body.length > 0 ? decode(body, { maxOutputLength: maxBytes }) : body
}

/** Whether the bytes begin as a gzip file does (RFC 1952 2.3.1). */
export const isGzip = ([first, second, method]: Uint8Array): boolean =>
  first === 0x1f && second === 0x8b && method === 8
