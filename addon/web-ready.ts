import { extension } from '../common/media-types.ts'
import type { Title } from '../common/title.ts'
import type { Source } from '../sources/source.ts'
import { fileNameOf } from './file-name.ts'

/** Containers that browsers play; the codecs inside (HEVC, AC-3) are not known from a name. */
const BROWSERS_PLAY = new Set(['mp4', 'm4v', 'webm'])

/**
 * Whether a browser cannot play the stream as it is: clients in a browser then convert it, or send
 * it to an app. The SDK's rule: only an MP4 through https can be played. For a direct link both
 * addresses must be https, because the page follows the redirect.
 */
export function notWebReady(baseUrl: string, title: Title, source: Source): boolean {
  if (!baseUrl.startsWith('https:')) return true
  // A page cannot set the headers of a stream; players that can are told them.
  if (source.proxyHeaders) return true
  if (source.locator.kind === 'url' && !source.locator.url.startsWith('https:')) return true
  return !BROWSERS_PLAY.has(extension(fileNameOf(title, source)))
}
