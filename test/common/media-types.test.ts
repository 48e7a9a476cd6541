import { describe, expect, test } from '@jest/globals'
import { extension, isSubtitle, isVideo, mediaType } from '../../common/media-types.ts'

describe('media types', () => {
  test.each([
    ['a/b.MP4', 'video/mp4'],
    ['a.b.mkv', 'video/x-matroska'],
    ['a.ts', 'video/mp2t'],
    ['a.vtt', 'text/vtt; charset=utf-8'],
    ['a.m3u8', 'application/vnd.apple.mpegurl'],
    ['a.html', 'application/octet-stream'],
    ['a.svg', 'application/octet-stream'],
    ['a.constructor', 'application/octet-stream'],
    ['a.__proto__', 'application/octet-stream'],
    ['mp4', 'application/octet-stream'],
    ['.mp4', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('%j is %s', (name, type) => {
    expect(mediaType(name)).toBe(type)
  })

  test('videos and subtitles are told apart; the names of folders do not matter', () => {
    expect([isVideo('x.mkv'), isVideo('x.srt'), isVideo('x.mkv/readme'), isVideo('x.exe')]).toEqual(
      [true, false, false, false],
    )
    expect([isSubtitle('x.SRT'), isSubtitle('x.mkv')]).toEqual([true, false])
    expect(extension('a\\b.C')).toBe('c')
  })
})
