import type { ByteRange, ByteReader } from './byte-reader.ts'

/** The next `length` bytes, in a buffer of their own. @throws Error when they end too early, and what the reader throws */
export async function readNext(reader: ByteReader, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    const got = await reader.read(bytes.subarray(at))
    if (got === 0) throw new Error('the bytes ended too early')
    at += got
  }
  return bytes
}

/** Reads `length` bytes from `start`; only for what is known to be small. @throws as readNext */
export async function readWhole(
  from: { read(range: ByteRange): ByteReader },
  start: number,
  length: number,
): Promise<Buffer> {
  const reader = from.read({ start, end: start + length - 1 })
  try {
    return await readNext(reader, length)
  } finally {
    reader.close()
  }
}
