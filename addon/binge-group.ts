import { cleanText } from '../common/clean-text.ts'
import type { Title } from '../common/title.ts'
import { episodeMarks } from '../sources/matching/episode-marks.ts'
import { qualityWords, releaseOf } from '../sources/matching/release.ts'
import type { Source } from '../sources/source.ts'
import { fileNameOf } from './file-name.ts'

/**
 * After an episode the client takes the next one's first stream with an equal group. A pack goes on
 * in the same torrent; anything else in the same kind of release, so neither an episode nor an
 * index may be in it.
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

/** Info hash of a torrent with several episodes: one is picked out of it, or its names tell none. */
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
