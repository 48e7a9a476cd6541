import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import { MAX_TRACKERS } from '../../common/bittorrent/magnet.ts'
import { type Metainfo, rebuildMetainfo } from '../../common/bittorrent/metainfo.ts'
import { layoutOf } from '../../common/bittorrent/piece-hash.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { cleanText } from '../../common/clean-text.ts'
import { Fault } from '../../common/errors.ts'
import { isSubtitle, isVideo, lastSegment } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { Selector, Source } from '../../sources/source.ts'
import type { TorrentSpec } from '../../torrent/protocol/torrent-engine.ts'

/** One file of one torrent, with all that is needed to download it. */
export interface FetchableFile {
  readonly key: FileKey
  readonly infoHash: string
  readonly fileIdx: number
  /** File name for people, cleaned of control characters; may be empty. */
  readonly name: string
  readonly layout: PieceLayout
  readonly spec: TorrentSpec
}

/** Index of the file that a title and a selector mean, in a torrent of the name `torrent` (sources/matching/wanted-file.ts). */
export type FindWantedFile = (
  files: readonly { readonly path: string; readonly size: number }[],
  title: Title,
  selector: Selector,
  torrent?: string,
) => Promise<number | undefined>

export const MAX_NAME = 200

/** The file that a title and a source mean. @throws Fault NO_WANTED_FILE */
export async function fetchableFile(
  metainfo: Metainfo,
  title: Title,
  source: Source,
  wantedFile: FindWantedFile,
): Promise<FetchableFile> {
  const fileIdx = await wantedFile(metainfo.files, title, source.selector, metainfo.name)
  return fetchableAt(metainfo, fileIdx, source)
}

/** The file with that index. @throws Fault NO_WANTED_FILE when it may not be played */
export function fetchableAt(
  metainfo: Metainfo,
  fileIdx: number | undefined,
  source: Source,
): FetchableFile {
  const chosen = playableAt(metainfo, fileIdx, source.selector)
  const file = chosen && metainfo.files[chosen.fileIdx]
  if (!file) throw new Fault('NO_WANTED_FILE')
  const { infoHash } = metainfo
  return {
    key: fileKey(infoHash, chosen.fileIdx),
    infoHash,
    fileIdx: chosen.fileIdx,
    name: chosen.name,
    layout: layoutOf(metainfo, file),
    spec: specOf(metainfo, source.locator),
  }
}

/** What the file with that index is called, and its size in bytes; undefined when it may not be played. */
export function playableAt(
  { files }: Metainfo,
  fileIdx: number | undefined,
  selector: Selector,
): { readonly fileIdx: number; readonly name: string; readonly size: number } | undefined {
  const file = fileIdx === undefined ? undefined : files[fileIdx]
  if (fileIdx === undefined || !file || !mayPlay(file, selector)) return undefined
  return { fileIdx, name: fileName(file.path), size: file.size }
}

/** The name of a file for people, cleaned of control characters; may be empty. */
export const fileName = (path: string): string => cleanText(lastSegment(path), MAX_NAME)

/** Only videos are ever downloaded, and subtitles that a selector names: the operator answers for what the server fetches. */
function mayPlay(file: { path: string; size: number }, selector: Selector): boolean {
  const named = selector.file !== undefined || selector.fileIdx !== undefined
  return file.size > 0 && (isVideo(file.path) || (named && isSubtitle(file.path)))
}

/** What a .torrent alone says of a torrent. */
const OF_ITSELF = { trackers: [], webSeeds: [], peers: [] }

/**
 * The engine gets a .torrent that we wrote ourselves from validated parts: nothing foreign is left in it.
 * @param locator of a source, which may know more; undefined: there is none
 */
export function specOf(metainfo: Metainfo, locator?: Source['locator']): TorrentSpec {
  const own = locator?.kind === 'magnet' ? locator : OF_ITSELF
  const all = (a: readonly string[], b: readonly string[]) =>
    [...new Set([...a, ...b])].slice(0, MAX_TRACKERS)
  const trackers = all(own.trackers, metainfo.trackers)
  const webSeeds = all(own.webSeeds, metainfo.webSeeds)
  return {
    infoHash: metainfo.infoHash,
    trackers,
    webSeeds,
    peers: own.peers ?? [],
    nodes: metainfo.nodes,
    metainfo: rebuildMetainfo(metainfo, trackers, webSeeds),
  }
}
