import { trackNames } from '../../common/subtitles/track-names.ts'
import type { AudioTrack, Film, TextTrack } from '../film/film.ts'
import { ENCODED, RUNG_BITS, type Rung, type Size, sizeWithin } from '../film/rungs.ts'
import { hasSurround, MOST_CONVERTED_BITS } from '../film/surround.ts'
import type { RenditionName, SoundGroup } from './media-playlist.ts'

/** What converted audio is (RFC 6381): AAC-LC. */
const CONVERTED = 'mp4a.40.2'
/** What a track is converted to in each group. */
const CHANNELS = { audio: 2, surround: 6 } as const

/** Which pictures a multivariant playlist offers. */
export interface OfferedPictures {
  readonly isCopied: boolean
  /** Undefined: none that is encoded. */
  readonly rung: Rung | undefined
}

/** H.264 of eight bits, which every browser plays: Baseline, Main, High (ITU-T H.264 A.2). */
const PLAYED_BY_ALL = /^avc1\.(?:42|4d|64)/i

/** For who says nothing of what it plays: what is encoded too, where it may not play the picture as it is. */
export const picturesForAll = ({ video }: Film, rung: Rung | undefined): OfferedPictures => ({
  isCopied: video.isCopied,
  rung: video.isCopied && PLAYED_BY_ALL.test(video.codec) ? undefined : rung,
})

/** Which sound it offers: tracks, and in which groups each of them is. A player that knows no better takes the first. */
export interface OfferedSound {
  readonly audio: readonly AudioTrack[]
  readonly groups: readonly SoundGroup[]
}

/** For who says nothing of what it plays: stereo, and what has more channels with those too. */
export const soundForAll = (audio: readonly AudioTrack[]): OfferedSound => ({
  audio,
  groups: audio.some(hasSurround) ? ['audio', 'surround'] : ['audio'],
})

/**
 * The multivariant playlist (RFC 8216 4.3.4): the picture as it is, encoded, or both, and every audio track as a
 * rendition of each group, which players choose by CHANNELS.
 * @param size of the file in bytes
 * @param query what every address in it ends with: empty, or `?s=...`
 */
export function masterPlaylist(
  film: Film,
  { isCopied, rung }: OfferedPictures,
  { audio, groups }: OfferedSound,
  size: number,
  query: string,
): string {
  const text = film.subtitles.length > 0 ? ',SUBTITLES="text"' : ''
  const variant = (name: RenditionName, codec: string, bits: number, { width, height }: Size) => {
    const codecs = new Set([codec, ...audio.map(playedAs)])
    const ofGroup = (group: SoundGroup) => {
      const sound = audio.length > 0 ? `,AUDIO="${group}"` : ''
      return `#EXT-X-STREAM-INF:BANDWIDTH=${bits + MOST_CONVERTED_BITS[CHANNELS[group]]},CODECS="${[...codecs].join(',')}",RESOLUTION=${width}x${height}${sound}${text}
${name}.m3u8${query}
`
    }
    return groups.map(ofGroup).join('')
  }
  const { video } = film
  const bits = Math.ceil((size * 8) / Math.max(1, film.duration))
  const copied = isCopied ? variant('video', video.codec, bits, video) : ''
  const encoded =
    rung === undefined
      ? ''
      : variant(`encoded-${rung}`, ENCODED, RUNG_BITS[rung], sizeWithin(video, rung))
  return `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
${groups.map((group) => audioRenditions(audio, group, query)).join('')}${textRenditions(film.subtitles, query)}${copied}${encoded}`
}

function audioRenditions(audio: readonly AudioTrack[], group: SoundGroup, query: string): string {
  const names = trackNames(audio)
  const preferred = Math.max(
    0,
    audio.findIndex((track) => track.isDefault),
  )
  return audio
    .map((track, n) => {
      const language = track.language === 'und' ? '' : `,LANGUAGE="${track.language}"`
      const isDefault = n === preferred ? 'YES' : 'NO'
      // A group has every track (RFC 8216 4.3.4.1.1), also those of which there is nothing more to have.
      const name = group === 'surround' && hasSurround(track) ? 'surround' : 'audio'
      return `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",NAME="${names[n]}"${language},DEFAULT=${isDefault},AUTOSELECT=YES,CHANNELS="${track.isCopied ? track.channels : CHANNELS[name]}",URI="${name}-${track.id}.m3u8${query}"\n`
    })
    .join('')
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
