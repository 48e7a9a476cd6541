import zlib from 'node:zlib'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import { decoded, isGzip } from '../../common/network/content-coding.ts'
import { anyBytes, mutatedBytes } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

const CODINGS = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'identity', 'constructor'] as const
const MAX_BYTES = 200
const text = Buffer.from('a title of an indexer '.repeat(8))
const bodies = [
  ...[zlib.gzipSync(text), zlib.deflateSync(text), zlib.deflateRawSync(text)],
  ...[
    zlib.brotliCompressSync(text),
    zlib.zstdCompressSync(text),
    zlib.gzipSync(Buffer.alloc(9999)),
  ],
]

fuzz(
  'content coding: any bytes are inflated to no more than may be, or an error',
  fc.asyncProperty(
    fc.oneof(anyBytes, mutatedBytes(bodies)),
    fc.constantFrom(...CODINGS),
    async (bytes, coding) => {
      const body = Buffer.from(bytes)
      const found = await decoded(body, coding, MAX_BYTES).catch(() => undefined)
      if (!found) return
      const isInflated = found !== body
      expect(found.length <= MAX_BYTES || !isInflated).toBe(true)
      if (isInflated && coding === 'gzip') expect(isGzip(body)).toBe(true)
    },
  ),
)
