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

/** Whether decoded() knows the Content-Encoding; one coding, not several. */
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
