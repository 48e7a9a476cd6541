import { trackNames } from '../../common/subtitles/track-names.ts'
import type { AudioTrack, Film, TextTrack } from '../film/film.ts'

/** What converted audio is (RFC 6381): AAC-LC. */
const CONVERTED = 'mp4a.40.2'
const CONVERTED_BITS = 192_000

/**
 * The multivariant playlist (RFC 8216 4.3.4): the picture as it is, and every audio track as a rendition.
 * @param audio those that are offered
 * @param size of the file in bytes
 * @param query what every address in it ends with: empty, or `?s=...`
 */
export function masterPlaylist(
  film: Film,
  audio: readonly AudioTrack[],
  size: number,
  query: string,
): string {
  const names = trackNames(audio)
  const preferred = Math.max(
    0,
    audio.findIndex((track) => track.isDefault),
  )
  const renditions = audio.map((track, n) => {
    const language = track.language === 'und' ? '' : `,LANGUAGE="${track.language}"`
    const isDefault = n === preferred ? 'YES' : 'NO'
    return `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="${names[n]}"${language},DEFAULT=${isDefault},AUTOSELECT=YES,CHANNELS="${track.isCopied ? track.channels : 2}",URI="audio-${track.id}.m3u8${query}"\n`
  })
  const codecs = new Set([film.video.codec, ...audio.map(playedAs)])
  const bits = Math.ceil((size * 8) / Math.max(1, film.duration)) + CONVERTED_BITS
  const { width, height } = film.video
  const group = audio.length > 0 ? ',AUDIO="audio"' : ''
  const texts = film.subtitles.length > 0 ? ',SUBTITLES="text"' : ''
  return `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
${renditions.join('')}${textRenditions(film.subtitles, query)}#EXT-X-STREAM-INF:BANDWIDTH=${bits},CODECS="${[...codecs].join(',')}",RESOLUTION=${width}x${height}${group}${texts}
video.m3u8${query}
`
}

function textRenditions(subtitles: readonly TextTrack[], query: string): string {
  const names = trackNames(subtitles)
  return subtitles
    .map(({ id, language, isForced }, n) => {
      const spoken = language === 'und' ? '' : `,LANGUAGE="${language}"`
      const forced = isForced ? 'YES' : 'NO'
      return `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="${names[n]}"${spoken},DEFAULT=NO,AUTOSELECT=NO,FORCED=${forced},URI="text-${id}.m3u8${query}"\n`
    })
    .join('')
}

/** The codec that a browser gets of a track. */
export const playedAs = (track: AudioTrack): string => (track.isCopied ? track.codec : CONVERTED)
