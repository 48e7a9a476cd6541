import { describe, expect, test } from '@jest/globals'
import {
  extension,
  isSubtitle,
  isVideo,
  mediaType,
  videoExtension,
} from '../../common/media-types.ts'

describe('media types', () => {
  test.each([
    ['a/b.MP4', 'video/mp4'],
    ['a.b.mkv', 'video/x-matroska'],
    ['a.ts', 'video/mp2t'],
    ['a.DivX', 'video/x-msvideo'],
    ['VTS_01_1.VOB', 'video/mpeg'],
    ['a.ogm', 'video/ogg'],
    ['a.rmvb', 'application/vnd.rn-realmedia-vbr'],
    ['a.asf', 'video/x-ms-asf'],
    ['a.mpe', 'video/mpeg'],
    ['a.m2v', 'video/mpeg'],
    ['a.f4v', 'video/mp4'],
    ['a.mk3d', 'video/x-matroska'],
    ['a.3g2', 'video/3gpp2'],
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

  test.each([
    ['video/mp4', 'mp4'],
    ['video/x-matroska', 'mkv'],
    ['video/x-msvideo', 'avi'],
    ['video/mpeg', 'mpg'],
    ['video/mp2t', 'ts'],
    ['video/ogg', 'ogv'],
    ['text/html', undefined],
  ])('a video of %s is called %s', (type, extension) => {
    expect(videoExtension(type)).toBe(extension)
  })

  test('videos and subtitles are told apart; the names of folders do not matter', () => {
    expect([isVideo('x.mkv'), isVideo('x.srt'), isVideo('x.mkv/readme'), isVideo('x.exe')]).toEqual(
      [true, false, false, false],
    )
    expect([isSubtitle('x.SRT'), isSubtitle('x.mkv')]).toEqual([true, false])
    expect(extension('a\\b.C')).toBe('c')
  })
})
