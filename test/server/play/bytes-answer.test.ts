import { describe, expect, test } from '@jest/globals'
import {
  type BytesRequest,
  bytesAnswer,
  cleanName,
  headAnswer,
} from '../../../server/play/bytes-answer.ts'

const facts = { name: 'Big Buck Bunny.mp4', size: 1000, etag: '"e-0"' }

describe('status of a GET for bytes', () => {
  const cases: readonly [request: BytesRequest, status: number, range?: string][] = [
    [{}, 200],
    [{ range: 'bytes=0-' }, 206, 'bytes 0-999/1000'],
    [{ range: 'bytes=10-19' }, 206, 'bytes 10-19/1000'],
    [{ range: 'bytes=990-5000' }, 206, 'bytes 990-999/1000'],
    [{ range: 'bytes=-5' }, 206, 'bytes 995-999/1000'],
    [{ range: 'bytes=-5000' }, 206, 'bytes 0-999/1000'],
    [{ range: 'bytes=1000-' }, 416, 'bytes */1000'],
    [{ range: 'bytes=-0' }, 416, 'bytes */1000'],
    [{ range: 'bytes=9-1' }, 200],
    [{ range: 'bytes=0-1,5-6' }, 200],
    [{ range: 'items=0-1' }, 200],
    [{ range: 'rubbish' }, 200],
    [{ 'if-none-match': '"e-0"' }, 304],
    [{ 'if-none-match': 'W/"e-0"' }, 304],
    [{ 'if-none-match': '"a", "e-0" ,"b"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"e-0"', range: 'bytes=0-1' }, 304],
    [{ 'if-none-match': '"e-00"' }, 200],
    [{ 'if-none-match': 'e-0' }, 200],
    [{ 'if-none-match': '"x"', range: 'bytes=0-1' }, 206, 'bytes 0-1/1000'],
    [{ 'if-range': '"e-0"', range: 'bytes=0-1' }, 206, 'bytes 0-1/1000'],
    [{ 'if-range': '"old"', range: 'bytes=0-1' }, 200],
    [{ 'if-range': 'W/"e-0"', range: 'bytes=0-1' }, 200],
    [{ 'if-range': 'Sat, 01 Jan 2028 00:00:00 GMT', range: 'bytes=0-1' }, 200],
    [{ 'if-range': '"old"', range: 'bytes=5000-' }, 200],
    [{ 'if-range': '"e-0"' }, 200],
  ]
  const rows = cases.map(([request, status, range]) => ({ request, status, range }))
  test.each(rows)('$request is $status', ({ request, status, range }) => {
    const answer = bytesAnswer(request, facts)
    expect(answer.status).toBe(status)
    expect(answer.headers['Content-Range']).toBe(range)
    expect(answer.headers['Accept-Ranges']).toBe('bytes')
    const length = answer.headers['Content-Length']
    if (status === 200) expect(length).toBe(1000)
    else if (answer.status === 206 && answer.range) {
      expect(length).toBe(answer.range.end - answer.range.start + 1)
    } else expect(length).toBeUndefined()
  })

  test.each([{}, { range: 'bytes=10-19' }])('no proxy hoards %j', (request) => {
    expect(bytesAnswer(request, facts).headers['X-Accel-Buffering']).toBe('no')
  })

  test('an empty file is 200 without a range', () => {
    expect(bytesAnswer({}, { ...facts, size: 0 })).toMatchObject({
      status: 200,
      range: undefined,
      headers: { 'Content-Length': 0 },
    })
    expect(bytesAnswer({ range: 'bytes=0-' }, { ...facts, size: 0 }).status).toBe(416)
  })

  test('says what it is, that it may be asked about, and that all may read it', () => {
    expect(bytesAnswer({}, facts).headers).toMatchObject({
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': expect.stringContaining('Content-Range'),
      'Cache-Control': expect.stringContaining('must-revalidate'),
      'Content-Disposition': 'inline; filename="Big Buck Bunny.mp4"',
      'Content-Type': 'video/mp4',
      'X-Content-Type-Options': 'nosniff',
      ETag: '"e-0"',
    })
  })
})

describe('HEAD', () => {
  test('leaves out what is not known and ignores Range', () => {
    const cold = headAnswer({ range: 'bytes=5000-', 'if-none-match': '"e-0"' }, { name: 'a.webm' })
    expect(cold.status).toBe(200)
    expect(cold.headers).not.toHaveProperty('ETag')
    expect(cold.headers).not.toHaveProperty('Content-Length')
    expect(headAnswer({ 'if-none-match': '"e-0"' }, facts).status).toBe(304)
    expect(headAnswer({}, facts).headers['Content-Length']).toBe(1000)
  })
})

describe('the name in Content-Disposition', () => {
  const disposition = (name: string): unknown =>
    headAnswer({}, { name }).headers['Content-Disposition']
  const cases: readonly [name: string, clean: string][] = [
    ['a/b\\c.mp4', 'c.mp4'],
    ['x\r\nSet-Cookie: y\0.mkv', 'xSet-Cookie: y.mkv'],
    ['film\u202e4pm.exe', 'film4pm.exe'],
    [`${'n'.repeat(300)}.mkv`, `${'n'.repeat(196)}.mkv`],
    ['', ''],
  ]
  test.each(cases)('%j', (name, clean) => {
    expect(cleanName(name)).toBe(clean)
    expect(disposition(name)).toMatch(/^inline(; filename="?[ -~]+"?)?$/)
  })

  test('other scripts are encoded (RFC 8187), broken ones mended', () => {
    expect(disposition('Фильм.mkv')).toMatch(/filename\*=UTF-8''%D0%A4/)
    expect(disposition('a\ud800.mkv')).toMatch(/^inline; filename/)
    expect(disposition('')).toBe('inline')
  })
})
