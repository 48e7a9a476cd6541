import { describe, expect, test } from '@jest/globals'
import { isForeignUrl, keepUrls, TRACKER, WEB } from '../../../common/network/foreign-url.ts'

describe('isForeignUrl', () => {
  test.each([
    'http://a.test/x.mp4?y=1#z',
    'HTTPS://a.test',
    'http://127.0.0.1:8080/',
    'https://[::1]/',
    'https://a.test/фильм a.mp4',
  ])('%j passes', (url) => {
    expect(isForeignUrl(url, WEB)).toBe(true)
  })

  test.each([
    '',
    'a.test/x',
    '/x',
    '//a.test/x',
    'http:a.test',
    'http:///a.test',
    'http:\\\\a.test',
    'http://',
    'http://a.test:99999/',
    'http://user@a.test/',
    'http://user:secret@a.test/',
    'http://:secret@a.test/',
    'http://a.test/\r\nSet-Cookie: x',
    'http://a.test/\tx',
    'http://a.test/\0',
    ' http://a.test/',
    'http://a.test/\u0085',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data://a,b',
    'ftp://a.test/',
    'udp://a.test:80',
  ])('%j is refused', (url) => {
    expect(isForeignUrl(url, WEB)).toBe(false)
  })

  test('2 KiB is the most, in bytes', () => {
    const long = (char: string, count: number) => `https://a.test/${char.repeat(count)}`
    expect(isForeignUrl(long('x', 8192 - 15), WEB)).toBe(true)
    expect(isForeignUrl(long('x', 8192 - 14), WEB)).toBe(false)
    expect(isForeignUrl(long('ф', 4092), WEB)).toBe(false)
  })

  test('trackers may speak UDP and WebSocket', () => {
    const urls = ['udp://a.test:1337/announce', 'wss://a.test', 'ws://a.test', 'http://a.test']
    expect(urls.map((url) => isForeignUrl(url, TRACKER))).toEqual([true, true, true, true])
    expect(isForeignUrl('udp://u@a.test:1', TRACKER)).toBe(false)
    expect(isForeignUrl('udp://', TRACKER)).toBe(false)
  })
})

test('keepUrls keeps the first valid ones, each once', () => {
  const urls = ['x', 'http://a.test/', 'http://b.test/', 'http://a.test/', 'http://c.test/']
  expect(keepUrls(urls, WEB, 2)).toEqual(['http://a.test/', 'http://b.test/'])
  expect(keepUrls(urls, WEB, 9)).toHaveLength(3)
})

test.each(['\0', ' \r\n', '\ufeff', '\u200b', '\t\x1a'])(
  '%j around a URL is no part of it',
  (mark) => {
    expect(keepUrls([`${mark}http://a.test/${mark}`], WEB, 2)).toEqual(['http://a.test/'])
  },
)
