import { cleanText } from '../../common/clean-text.ts'
import { isVideo, lastSegment } from '../../common/media-types.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { Source } from '../source.ts'

const MAX_LENGTH = 200

/**
 * The file name that clients show, at most 200 characters on one line. Never empty: without a name
 * they show the last segment of the address, which is a number here.
 */
export function fileNameOf(title: Title, source: Source): string {
  const names = [
    source.filename,
    source.selector.file && lastSegment(source.selector.file),
    nameOfLocator(source.locator),
    source.label,
  ]
  for (const name of names) {
    const clean = cleanText(name ?? '', MAX_LENGTH)
    if (clean !== '') return clean
  }
  return titleId(title)
}

/**
 * A web address often does not end with a file name (`/stream?id=3`): only a video's name counts.
 */
function nameOfLocator(locator: Source['locator']): string | undefined {
  if (locator.kind === 'path') return lastSegment(locator.path)
  if (locator.kind !== 'url') return undefined
  try {
    const name = decodeURIComponent(lastSegment(new URL(locator.url).pathname))
    return isVideo(name) ? lastSegment(name) : undefined
  } catch {
    // A percent sign that encodes nothing.
    return undefined
  }
}
