import { extension } from '../common/media-types.ts'
import type { NumberedSource } from '../sources/source.ts'

/** Containers that browsers play; the codecs inside (HEVC, AC-3) are not known from a name. */
const BROWSERS_PLAY = new Set(['mp4', 'm4v', 'webm'])

/**
 * Whether a browser cannot play the stream as it is: clients in a browser then convert it, or send
 * it to an app. The SDK's rule: only an MP4 through https can be played. For a direct link both
 * addresses must be https, because the page follows the redirect.
 */
export function notWebReady(baseUrl: string, source: NumberedSource, fileName: string): boolean {
  if (!baseUrl.startsWith('https:')) return true
  if (!source.relayed && source.locator.kind === 'url') {
    if (!source.locator.url.startsWith('https:')) return true
  }
  return !BROWSERS_PLAY.has(extension(fileName))
}
