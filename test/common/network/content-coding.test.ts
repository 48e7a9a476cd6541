import zlib from 'node:zlib'
import { afterEach, describe, expect, test } from '@jest/globals'
import { ask, endAll, faultOf, outbound, serve } from './outbound-stage.ts'

afterEach(endAll)

const text = Buffer.from('d4:infode'.repeat(50))
const CODINGS: readonly (readonly [string, string, (bytes: Buffer) => Buffer])[] = [
  ['gzip', 'gzip', zlib.gzipSync],
  ['gzip in capitals and blanks', ' GZip ', zlib.gzipSync],
  ['x-gzip', 'x-gzip', zlib.gzipSync],
  ['deflate', 'deflate', zlib.deflateSync],
  ['deflate without a header', 'deflate', zlib.deflateRawSync],
  ['br', 'br', zlib.brotliCompressSync],
  ['zstd', 'zstd', zlib.zstdCompressSync],
]

const NO_CODINGS = [
  '',
  'identity',
  'none',
  'UTF-8',
  'utf8',
  'binary',
  '7bit',
  '8bit',
  'aws-chunked',
  ',',
  ' none ',
]

/** The answer of a server that sends these bytes, whatever is asked for. */
async function answered(coding: string, body: Buffer) {
  const port = await serve((_req, res) => {
    res.writeHead(200, { 'content-encoding': coding }).end(body)
  })
  return outbound().get(`http://127.0.0.1:${port}/`, ask())
}

describe.each(CODINGS)('a body in %s', (_what, coding, compress) => {
  test('is inflated', async () => {
    expect((await answered(coding, compress(text))).body.equals(text)).toBe(true)
  })

  test('may be empty', async () => {
    expect((await answered(coding, Buffer.alloc(0))).body).toHaveLength(0)
  })

  test('has as many bytes as may be, and not one more', async () => {
    expect((await answered(coding, compress(Buffer.alloc(1000)))).body).toHaveLength(1000)
    expect(await faultOf(answered(coding, compress(Buffer.alloc(1001))))).toBe('UPSTREAM_FAILED')
  })

  test('is no bomb', async () => {
    expect(await faultOf(answered(coding, compress(Buffer.alloc(500_000))))).toBe('UPSTREAM_FAILED')
  })

  test('that is cut short is not taken for a whole one', async () => {
    const whole = compress(text)
    const half = whole.subarray(0, whole.length >> 1)
    expect(await faultOf(answered(coding, half))).toBe('UPSTREAM_FAILED')
  })
})

test.each(['gzip, gzip', 'compress', 'constructor', 'aes128gcm'])(
  'a body in %j is refused',
  async (coding) => {
    expect(await faultOf(answered(coding, zlib.gzipSync(text)))).toBe('UPSTREAM_FAILED')
  },
)

test('`identity` is the body itself', async () => {
  expect((await answered('identity', text)).body.equals(text)).toBe(true)
})

test.each(NO_CODINGS)('“%s” names no coding: the body is as it is', async (word) => {
  expect((await answered(word, text)).body.equals(text)).toBe(true)
  const packed = await answered(`${word}, gzip`, zlib.gzipSync(text))
  expect(packed.body.equals(text)).toBe(true)
})
