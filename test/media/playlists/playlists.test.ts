import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { AudioTrack, Film } from '../../../media/film/film.ts'
import {
  masterPlaylist,
  type OfferedSound,
  picturesForAll,
  soundForAll,
} from '../../../media/playlists/master-playlist.ts'
import { mediaPlaylist, segmentLengths } from '../../../media/playlists/media-playlist.ts'
import { segmentStarts, soundTimes } from '../../../media/playlists/segment-grid.ts'

const track = (more: Partial<AudioTrack> = {}): AudioTrack => ({
  id: 2,
  codec: 'ac-3',
  channels: 6,
  isCopied: false,
  language: 'fra',
  title: '',
  isDefault: false,
  ...more,
})
const film = (more: Partial<Film> = {}): Film => ({
  duration: 20,
  video: { id: 1, codec: 'avc1.640028', isCopied: true, width: 1920, height: 1080 },
  audio: [track()],
  chapters: [],
  subtitles: [],
  starts: [0, 7.5, 15],
  isIndexed: true,
  ...more,
})

const stereo = (audio: readonly AudioTrack[]): OfferedSound => ({ audio, groups: ['audio'] })
const COPIED = { isCopied: true, rung: undefined }

test('a media playlist of the picture, and one of converted sound in whole AAC frames', () => {
  expect(mediaPlaylist(film(), 'video', '?s=abcdefghij')).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:8
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="video-init.mp4?s=abcdefghij"
#EXTINF:7.500000,
video-0.m4s?s=abcdefghij
#EXTINF:7.500000,
video-1.m4s?s=abcdefghij
#EXTINF:5.000000,
video-2.m4s?s=abcdefghij
#EXT-X-ENDLIST
`)
  const frames = segmentLengths(film(), track()).map((seconds) => (seconds * 48_000) / 1024)
  expect(frames.map((one) => Number(one.toFixed(6)))).toEqual([375, 328, 235])
})

test('the main playlist: one picture, every track, foreign names made harmless', () => {
  const audio = [
    track({ title: 'A "b"\nURI="x' }),
    track({ id: 3, language: 'und', isDefault: true }),
  ]
  const text = masterPlaylist(film({ audio }), COPIED, stereo(audio), 1e9, '')
  expect(text.split('\n').filter((line) => line.startsWith('#EXT-X-MEDIA'))).toEqual([
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="French, A  b  URI= x",LANGUAGE="fra",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="audio-2.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Track 2",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio-3.m3u8"',
  ])
  expect(text).toContain('CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,AUDIO="audio"')
})

test('six channels: a group of its own with every track, behind the stereo that others take', () => {
  const copied = track({ id: 3, codec: 'mp4a.40.2', isCopied: true })
  const audio = [track(), copied, track({ id: 4, channels: 2 })]
  const lines = (sound: OfferedSound) =>
    masterPlaylist(film({ audio }), COPIED, sound, 1e9, '?s=abcdefghij').split('\n').slice(3, -1)
  const rendition = (group: string, name: string, channels: number, uri: string) =>
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",NAME="${name}",LANGUAGE="fra",DEFAULT=${name === 'French' ? 'YES' : 'NO'},AUTOSELECT=YES,CHANNELS="${channels}",URI="${uri}.m3u8?s=abcdefghij"`
  const renditions = (group: string, first: string, channels: number) => [
    rendition(group, 'French', channels, first),
    rendition(group, 'French (2)', 6, 'audio-3'),
    rendition(group, 'French (3)', 2, 'audio-4'),
  ]
  const variant = (group: string, bits: number) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${400_000_000 + bits},CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,AUDIO="${group}"`,
    'video.m3u8?s=abcdefghij',
  ]
  const inStereo = renditions('audio', 'audio-2', 2)
  const inSix = renditions('surround', 'surround-2', 6)
  const [first, second] = [variant('audio', 256_000), variant('surround', 576_000)]
  expect(lines(soundForAll(audio))).toEqual([...inStereo, ...inSix, ...first, ...second])
  expect(lines(stereo(audio))).toEqual([...inStereo, ...first])
  expect(lines({ audio, groups: ['surround'] })).toEqual([...inSix, ...second])
  // Where there is nothing more than stereo, nothing more is offered.
  expect(soundForAll(audio.slice(1))).toEqual(stereo(audio.slice(1)))
  expect(mediaPlaylist(film(), 'surround-2', '', track())).toContain('\nsurround-2-2.m4s\n')
})

test('subtitles: a rendition each, text without a head', () => {
  const subtitles = [{ id: 4, language: 'ger', title: 'Forced', isForced: true, isIndexed: true }]
  const text = masterPlaylist(film({ subtitles }), COPIED, soundForAll([]), 1e9, '?s=abcdefghij')
  expect(text).toContain(
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="German, Forced",LANGUAGE="ger",DEFAULT=NO,AUTOSELECT=NO,FORCED=YES,URI="text-4.m3u8?s=abcdefghij"',
  )
  expect(text).toContain('RESOLUTION=1920x1080,SUBTITLES="text"')
  const playlist = mediaPlaylist(film(), 'text-4', '')
  expect(playlist).toContain('\ntext-4-2.vtt\n')
  expect(playlist).not.toContain('EXT-X-MAP')
})

test('a picture that not every browser plays is offered encoded too, never enlarged; one that none plays only so', () => {
  const variants = (codec: string, isCopied: boolean, height = 1080) => {
    const video = { id: 1, codec, isCopied, width: (height * 16) / 9, height }
    const made = film({ video })
    const text = masterPlaylist(made, picturesForAll(made, 720), stereo([]), 1e9, '')
    return [...text.matchAll(/CODECS="(.*?)",RESOLUTION=(\d+x\d+)\n(.*)\n/g)].map((one) =>
      one.slice(1).join(' '),
    )
  }
  const copied = (codec: string) => `${codec} 1920x1080 video.m3u8`
  const encoded = 'avc1.640020 1280x720 encoded-720.m3u8'
  expect(variants('avc1.640028', true)).toEqual([copied('avc1.640028')])
  expect(variants('avc1.6e0028', true)).toEqual([copied('avc1.6e0028'), encoded])
  expect(variants('hvc1.1.6.L120', true)).toEqual([copied('hvc1.1.6.L120'), encoded])
  expect(variants('V_MPEG4/ISO/ASP', false)).toEqual([encoded])
  expect(variants('V_MPEG2', false, 360)).toEqual(['avc1.640020 640x360 encoded-720.m3u8'])
})

describe('segments', () => {
  const keys = fc
    .array(fc.double({ min: 0.01, max: 30, noNaN: true }), { minLength: 1, maxLength: 200 })
    .map((steps) => {
      let at = 0
      return steps.map((step) => {
        at += step
        return at
      })
    })

  test('whatever the key frames: begin at some, are long enough, and add up to the film', () => {
    fc.assert(
      fc.property(keys, (times) => {
        const duration = (times.at(-1) ?? 0) + 1
        const starts = segmentStarts(times, duration)
        const made = film({ starts, duration })
        const lengths = segmentLengths(made)
        expect(starts.every((at) => times.includes(at))).toBe(true)
        for (const [n, seconds] of lengths.slice(0, -1).entries()) {
          expect(seconds).toBeGreaterThanOrEqual(n === 0 ? 2 : 3)
        }
        const all = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0)
        expect(all(lengths)).toBeCloseTo(duration - (times[0] ?? 0), 6)
        expect(Math.abs(all(segmentLengths(made, track())) - all(lengths))).toBeLessThan(0.03)
        const sound = starts.map((_, n) => soundTimes(made, n))
        for (const [n, one] of sound.entries()) {
          const { from = 0, to = 0 } = one ?? {}
          expect(to).toBeGreaterThan(from)
          expect(from - (starts[n] ?? 0)).toBeLessThanOrEqual(
            n === 0 || n === starts.length - 1 ? 0 : 0.501,
          )
          expect(sound[n + 1]?.from ?? duration).toBe(to)
        }
      }),
    )
  })
})
