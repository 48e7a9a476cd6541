import { cleanText } from '../../../common/clean-text.ts'
import { extension, isVideo, lastSegment } from '../../../common/media-types.ts'
import type { Source } from '../../source.ts'
import type { ArchiveApi, ArchiveFile, ArchiveItem } from './archive-api.ts'
import { freeLicence } from './archive-licence.ts'

export const ARCHIVE = 'archive.org'
/** Of one film: the uploaded file, and those that the archive made of it. */
const MAX_VERSIONS = 4
/** Listed first: what browsers and televisions play. */
const LIKED = ['mp4', 'm4v', 'webm', 'mkv']

/**
 * The film of an item: each version from the item's torrent (which has only a web seed, BEP 19) and
 * by its own address. None when it is not free, or when it is not clear which file is the film.
 */
export function sourcesOfItem(item: ArchiveItem, api: ArchiveApi): readonly Source[] {
  const licence = freeLicence(item)
  if (licence === undefined) return []
  const torrent = item.files.find(({ name }) => name === `${item.identifier}_archive.torrent`)
  return filmOf(item.files).flatMap((file) => {
    const facts = {
      provider: ARCHIVE,
      label: cleanText(`${item.title} (${file.format || extension(file.name)})`, 300),
      filename: cleanText(lastSegment(file.name), 255),
      licence,
      ...(file.size && { size: file.size }),
      ...(file.height && { quality: `${file.height}p` }),
    }
    const url = api.download(item.identifier, file.name)
    const direct: Source = { ...facts, selector: {}, locator: { kind: 'url', url } }
    if (!torrent) return [direct]
    const from = api.download(item.identifier, torrent.name)
    const infoHash = torrent.infoHash === undefined ? {} : { infoHash: torrent.infoHash }
    const locator = { kind: 'torrent' as const, from, ...infoHash }
    return [{ ...facts, selector: { file: file.name }, locator }, direct]
  })
}

/** The versions of the one film in it, best first; none when there are several films or parts. */
function filmOf(files: readonly ArchiveFile[]): readonly ArchiveFile[] {
  const videos = files.filter(({ name, size }) => isVideo(name) && size !== 0)
  const films = new Map<string, ArchiveFile[]>()
  for (const file of videos) {
    const of = file.madeOf ?? file.name
    films.set(of, [...(films.get(of) ?? []), file])
  }
  const known = [...films.values()].map((versions) => ({ versions, length: lengthOf(versions) }))
  const [first, second] = known.toSorted((a, b) => b.length - a.length)
  // A trailer is short; a second video of at least half the length is another part, or another
  // film.
  if (!first || (second && second.length * 2 > first.length)) return []
  return first.versions.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_VERSIONS)
}

/** Seconds; where they are unknown, the size of the largest version in units of 100 KB. */
function lengthOf(versions: readonly ArchiveFile[]): number {
  const seconds = Math.max(0, ...versions.map((file) => file.seconds ?? 0))
  return seconds || Math.max(0, ...versions.map((file) => file.size ?? 0)) / 100_000
}

function rank({ name, height = 0 }: ArchiveFile): number {
  const at = LIKED.indexOf(extension(name))
  return (at < 0 ? LIKED.length : at) * 10_000 - height
}
