import { expect, test } from '@jest/globals'
import { parseFilmPart, typeOf } from '../../../player/browser/film-parts.ts'

test.each([
  ['film.json', { kind: 'film' }, 'application/json; charset=utf-8'],
  ['master.m3u8', { kind: 'master' }, 'application/vnd.apple.mpegurl'],
  ['video.m3u8', { kind: 'playlist', track: undefined }, 'application/vnd.apple.mpegurl'],
  ['audio-2.m3u8', { kind: 'playlist', track: 2 }, 'application/vnd.apple.mpegurl'],
  ['video-init.mp4', { kind: 'init', track: undefined }, 'video/mp4'],
  ['audio-2-init.mp4', { kind: 'init', track: 2 }, 'audio/mp4'],
  ['video-0.m4s', { kind: 'segment', track: undefined, n: 0 }, 'video/mp4'],
  ['text-4.m3u8', { kind: 'textPlaylist', track: 4 }, 'application/vnd.apple.mpegurl'],
  ['text-4-12.vtt', { kind: 'text', track: 4, n: 12 }, 'text/vtt; charset=utf-8'],
  ['master-copied.m3u8', { kind: 'master', picture: 'copied' }, 'application/vnd.apple.mpegurl'],
  [
    'master-copied-surround.m3u8',
    { kind: 'master', picture: 'copied', isSurround: true },
    'application/vnd.apple.mpegurl',
  ],
  [
    'surround-2.m3u8',
    { kind: 'playlist', track: 2, isSurround: true },
    'application/vnd.apple.mpegurl',
  ],
  ['surround-2-init.mp4', { kind: 'init', track: 2, isSurround: true }, 'audio/mp4'],
  ['surround-2-7.m4s', { kind: 'segment', track: 2, isSurround: true, n: 7 }, 'audio/mp4'],
  ['master-encoded.m3u8', { kind: 'master', picture: 'encoded' }, 'application/vnd.apple.mpegurl'],
  [
    'encoded-480.m3u8',
    { kind: 'playlist', track: undefined, rung: 480 },
    'application/vnd.apple.mpegurl',
  ],
  ['encoded-720-init.mp4', { kind: 'init', track: undefined, rung: 720 }, 'video/mp4'],
  ['encoded-720-12.m4s', { kind: 'segment', track: undefined, rung: 720, n: 12 }, 'video/mp4'],
  ['audio-12-345.m4s', { kind: 'segment', track: 12, n: 345 }, 'audio/mp4'],
] as const)('%s', (name, part, type) => {
  expect(parseFilmPart(name)).toEqual(part)
  expect(typeOf(part)).toBe(type)
})

test.each([
  '',
  'text-4.m4s',
  'text-04.m3u8',
  'text-4-01.vtt',
  'video',
  'video-.m4s',
  'video--1.m4s',
  'audio.m3u8',
  'audio-02.m3u8',
  'video-00.m4s',
  'video-1.mp4',
  'encoded.m3u8',
  'encoded-481.m3u8',
  'encoded-720-01.m4s',
  'master-other.m3u8',
  'master-surround.m3u8',
  'surround.m3u8',
  'surround-02.m3u8',
  'audio-99999999999.m3u8',
  'master.m3u8 ',
])('%j is no part', (name) => {
  expect(parseFilmPart(name)).toBeUndefined()
})
