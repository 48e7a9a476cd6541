import { describe, expect, test } from '@jest/globals'
import { cutAt, ReplyGuard } from '../../../../cache/backends/redis/reply-guard.ts'

const REPLIES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':-12\r\n',
  '$-1\r\n',
  '$0\r\n\r\n',
  '$7\r\n*9\r\n$3x\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n*1\r\n+x\r\n',
  `*99999\r\n${':1\r\n'.repeat(99_999)}`,
]
const text = (replies: readonly string[]): Buffer => Buffer.from(replies.join(''), 'latin1')

describe('what Redis answers', () => {
  test('passes, in whatever pieces it comes', () => {
    const bytes = text(REPLIES.slice(0, -1))
    for (let size = 1; size <= bytes.length; size++) {
      const guard = new ReplyGuard()
      for (let at = 0; at < bytes.length; at += size) {
        expect(guard.next(bytes.subarray(at, at + size), REPLIES.length)).toBe(undefined)
      }
    }
    expect(new ReplyGuard().next(text(REPLIES), REPLIES.length)).toBe(undefined)
  })

  test('is one reply for each that is waited for', () => {
    expect(new ReplyGuard().next(text(['+OK\r\n', ':1\r\n']), 1)).toBe(5)
    expect(new ReplyGuard().next(text(['+OK\r\n']), 0)).toBe(0)
  })

  test.each([
    ['a longer array', '*100000\r\n', 6],
    ['a longer bulk', '$100000000\r\n', 9],
    ['arrays in arrays', '*1\r\n'.repeat(9), 35],
    ['another type', '*1\r\n%1\r\n', 4],
    ['a length that is none', '*1x\r\n', 2],
    ['a bulk without its line end', '*2\r\n$1\r\nabcd', 11],
  ])('is too much: %s', (_, reply, at) => {
    expect(new ReplyGuard().next(text([reply]), 1)).toBe(at)
  })

  test('may take 16 MiB in all', () => {
    const guard = new ReplyGuard()
    const bulk = text([`$1000000\r\n${'x'.repeat(1e6)}\r\n`])
    expect(guard.next(text(['*99\r\n']), 1)).toBe(undefined)
    let passed = 0
    while (guard.next(bulk, 0) === undefined) passed++
    expect(passed).toBe(16)
    // Of the next reply it is counted anew.
    const short = new ReplyGuard()
    for (let n = 0; n < 40; n++) expect(short.next(bulk, 1)).toBe(undefined)
  })
})

test('a chunk that is cut says nothing any more', () => {
  const chunk = text(['*100000\r\n:1\r\n'])
  cutAt(chunk, 6)
  expect(chunk.toString()).toBe('*10000\r\n     ')
})
