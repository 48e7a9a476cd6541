import { extension } from '../common/media-types.ts'
import type { Title } from '../common/title.ts'
import type { Source } from '../sources/source.ts'
import { fileNameOf } from './file-name.ts'

/** What browsers play by themselves; what is inside (HEVC, AC-3) nobody knows before the bytes. */
const BROWSERS_PLAY = new Set(['mp4', 'm4v', 'webm'])

/**
 * Clients in a browser convert such a stream, or send it to an app. The SDK's rule: an MP4 through
 * https; a direct link must be https at both ends, for the redirect is followed by the same page.
 */
export function notWebReady(baseUrl: string, title: Title, source: Source): boolean {
  if (!baseUrl.startsWith('https:')) return true
  // Pages cannot set a stream's headers; players that can are told which.
  if (source.proxyHeaders) return true
  if (source.locator.kind === 'url' && !source.locator.url.startsWith('https:')) return true
  return !BROWSERS_PLAY.has(extension(fileNameOf(title, source)))
}
