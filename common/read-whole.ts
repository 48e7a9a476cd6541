import type { ByteRange, ByteReader } from './byte-reader.ts'

/**
 * Reads `length` bytes from `start` into one buffer; only for what is known to be small.
 * @throws Error when the bytes end too early, and what the reader throws
 */
export async function readWhole(
  from: { read(range: ByteRange): ByteReader },
  start: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const reader = from.read({ start, end: start + length - 1 })
  try {
    for (let at = 0; at < length; ) {
      const got = await reader.read(bytes.subarray(at))
      if (got === 0) throw new Error('the bytes ended too early')
      at += got
    }
    return bytes
  } finally {
    reader.close()
  }
}
