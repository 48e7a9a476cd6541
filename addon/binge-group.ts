import { cleanText } from '../common/clean-text.ts'
import type { Title } from '../common/title.ts'
import { qualityWords, releaseOf } from '../sources/matching/release.ts'
import type { NumberedSource } from '../sources/source.ts'

/**
 * After an episode a client plays the first stream of the next one with the same group. For a pack
 * that is a stream of the same torrent, else one of the same kind of release: so a group must not
 * hold anything that differs between episodes, such as a file index.
 */
export function bingeGroup(title: Title, source: NumberedSource): string {
  const infoHash = title.type === 'series' ? packOf(source) : undefined
  if (infoHash) return `playlink|${infoHash}`
  const words = [
    transportOf(source),
    source.provider,
    qualityWords(source),
    releaseOf(source, 'shown').group ?? '',
  ]
  const kind = words.map((word) => cleanText(word, 60).toLowerCase()).filter((word) => word !== '')
  return ['playlink', ...kind].join('|')
}

/**
 * The info hash, if this is a torrent of several episodes: a file is selected in it, or its name
 * has no episode.
 */
function packOf({ locator, selector, names, filename }: NumberedSource): string | undefined {
  if (locator.kind === 'url' || locator.kind === 'path') return undefined
  // A name that is listed only says what the one file is called.
  const named = selector.file !== undefined && selector.file !== filename
  const picked = named || selector.fileIdx !== undefined
  return picked || !names?.ofEpisode ? locator.infoHash : undefined
}

function transportOf({ locator }: NumberedSource): string {
  if (locator.kind === 'url') return 'direct'
  return locator.kind === 'path' ? 'local' : 'torrent'
}
