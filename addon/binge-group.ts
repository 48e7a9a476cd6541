import { cleanText } from '../common/clean-text.ts'
import type { Title } from '../common/title.ts'
import { episodeMarks } from '../sources/matching/episode-marks.ts'
import { qualityWords, releaseOf } from '../sources/matching/release.ts'
import type { Source } from '../sources/source.ts'
import { fileNameOf } from './file-name.ts'

/**
 * After an episode a client plays the first stream of the next one with the same group. For a pack
 * that is a stream of the same torrent, else one of the same kind of release: so a group must not
 * hold anything that differs between episodes, such as a file index.
 */
export function bingeGroup(title: Title, source: Source): string {
  const infoHash = title.type === 'series' ? packOf(source) : undefined
  if (infoHash) return `playlink|${infoHash}`
  const named = { ...source, filename: fileNameOf(title, source) }
  const words = [
    transportOf(source),
    source.provider,
    qualityWords(named),
    releaseOf(named).group ?? '',
  ]
  const kind = words.map((word) => cleanText(word, 60).toLowerCase()).filter((word) => word !== '')
  return ['playlink', ...kind].join('|')
}

/**
 * The info hash, if this is a torrent of several episodes: a file is selected in it, or its name
 * has no episode.
 */
function packOf({ locator, selector, filename, label }: Source): string | undefined {
  if (locator.kind === 'url' || locator.kind === 'path') return undefined
  const picked = selector.file !== undefined || selector.fileIdx !== undefined
  const tells = [filename, label].some((name) => name && episodeMarks(name).episodes.length > 0)
  return picked || !tells ? locator.infoHash : undefined
}

function transportOf({ locator }: Source): string {
  if (locator.kind === 'url') return 'direct'
  return locator.kind === 'path' ? 'local' : 'torrent'
}
