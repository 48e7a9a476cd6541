import type { AudioTrack, Film } from '../film/film.ts'
import type { Rung } from '../film/rungs.ts'
import { frameAt, frameTime } from './aac-grid.ts'
import { segmentTimes, soundTimes } from './segment-grid.ts'

/**
 * The name of one playlist and of all that it is made of: `video`, `encoded-720`, or for the track 2 `audio-2` and, with
 * six channels, `surround-2`.
 */
export type RenditionName = 'video' | `encoded-${Rung}` | `${SoundGroup | 'text'}-${number}`

export type SoundGroup = 'audio' | 'surround'

/** Length of each segment of a rendition, in seconds: those of converted audio are whole AAC frames. */
export function segmentLengths(film: Film, audio?: AudioTrack): readonly number[] {
  const isConverted = audio !== undefined && !audio.isCopied
  const timesOf = audio ? soundTimes : segmentTimes
  return film.starts.map((_, n) => {
    const { from = 0, to = 0 } = timesOf(film, n) ?? {}
    return isConverted ? frameTime(frameAt(to) - frameAt(from)) : to - from
  })
}

/**
 * A media playlist of fMP4 segments (RFC 8216 4.3.3).
 * @param query what every address in it ends with: empty, or `?s=...`
 */
export function mediaPlaylist(film: Film, name: RenditionName, query: string, audio?: AudioTrack) {
  const lengths = segmentLengths(film, audio)
  const longest = Math.max(1, ...lengths.map((seconds) => Math.round(seconds)))
  const isText = name.startsWith('text')
  const end = isText ? 'vtt' : 'm4s'
  const segments = lengths.map(
    (seconds, n) => `#EXTINF:${seconds.toFixed(6)},\n${name}-${n}.${end}${query}\n`,
  )
  const map = isText ? '' : `#EXT-X-MAP:URI="${name}-init.mp4${query}"\n`
  return `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:${longest}
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
${map}${segments.join('')}#EXT-X-ENDLIST
`
}
