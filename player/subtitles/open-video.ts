import type { Cluster } from '../../cluster/cluster.ts'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { type FetchableFile, type FindWantedFile, fetchableFile } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { BytesPlayable } from '../files/playable.ts'
import type { Viewer } from '../jobs/viewer.ts'
import type { TorrentLocator } from '../metadata/torrent-lookup.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { FileBytes } from '../play/file-bytes.ts'

export interface VideoParts {
  readonly blocklist: Blocklist
  readonly knownFiles: Pick<KnownFiles, 'peek' | 'recall'>
  readonly metadata: Pick<TorrentMetadata, 'known' | 'find'>
  readonly fileBytes: Pick<FileBytes, 'openOrFetch' | 'openExisting'>
  readonly wantedFile: FindWantedFile
  /** Where several nodes share one index. */
  readonly cluster?: Pick<Cluster, 'nodes' | 'client' | 'expectNoHolder'> | undefined
}

/** The video that a source of a torrent means: from here, or fetched. @throws Fault as a play; FetchedElsewhere */
export async function openVideo(
  parts: VideoParts,
  request: PlayRequest,
  source: NumberedSource,
  locator: TorrentLocator,
  viewer: Viewer,
): Promise<BytesPlayable> {
  const { blocklist, knownFiles, fileBytes, cluster } = parts
  const known = await knownFiles.recall(request.title, source)
  refuseBlocked(blocklist, known?.infoHash)
  const existing = known && (await fileBytes.openExisting(known.key, viewer))
  if (existing) return existing
  if (known && !request.handed) await cluster?.expectNoHolder(known.key)
  const { video } = await videoOf(parts, request, source, locator, viewer)
  return fileBytes.openOrFetch(video, viewer)
}

/** Which file of its torrent the video is. @throws Fault as a play */
export async function videoOf(
  { blocklist, knownFiles, metadata, wantedFile }: VideoParts,
  { title }: PlayRequest,
  source: NumberedSource,
  locator: TorrentLocator,
  viewer: Viewer,
): Promise<{ readonly metainfo: Metainfo; readonly video: FetchableFile }> {
  const known = knownFiles.peek(title, source)
  const found = await metadata.find(locator, known?.infoHash, viewer)
  const metainfo = allowedTorrent(blocklist, found)
  const reading = fetchableFile(metainfo, title, source, wantedFile)
  return { metainfo, video: await viewer.wait(reading, () => 'NO_WANTED_FILE') }
}
