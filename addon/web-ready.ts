import type { FileTracks } from '../common/availability.ts'
import { extension } from '../common/media-types.ts'
import type { NumberedSource } from '../sources/source.ts'

/** Containers that browsers play. The codecs inside are known only once somebody has looked into the file. */
const BROWSERS_PLAY = new Set(['mp4', 'm4v', 'webm'])
/** Not HEVC: some browsers have it, on some machines. Names as RFC 6381 has them. */
const PICTURES = /^(?:avc[13]|vp8|vp0?9|av01)(?:\.|$)/
/** Not AC-3, E-AC-3, DTS, TrueHD. */
const SOUNDS = /^(?:mp4a|mp3|opus|vorbis|flac)(?:\.|$)/i

/**
 * Whether a browser cannot play the stream as it is: clients in a browser then convert it, or send
 * it to an app. The SDK's rule: only an MP4 through https can be played. For a direct link both
 * addresses must be https, because the page follows the redirect.
 */
export function notWebReady(
  baseUrl: string,
  source: NumberedSource,
  fileName: string,
  tracks?: FileTracks,
): boolean {
  if (!baseUrl.startsWith('https:')) return true
  if (!source.relayed && source.locator.kind === 'url') {
    if (!source.locator.url.startsWith('https:')) return true
  }
  return !BROWSERS_PLAY.has(extension(fileName)) || (tracks !== undefined && !areForAll(tracks))
}

/** Of several tracks of sound a browser plays the first. */
const areForAll = ({ picture, audio: [first] }: FileTracks): boolean =>
  PICTURES.test(picture) && (first === undefined || SOUNDS.test(first.codec))
