import type { FileStore } from '../../cache/disk/file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Magnet } from '../../common/bittorrent/magnet.ts'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { isVideo } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import { magnetLocator } from '../../sources/providers/shared/magnet-locator.ts'
import type { TorrentVideos } from '../../sources/providers/tried/tried-torrents.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { type FindWantedFile, fetchableAt, fetchableFile } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import { createViewer } from '../jobs/viewer.ts'
import type { TorrentLocator } from '../metadata/torrent-lookup.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { StoredTitles } from '../play/stored-titles.ts'
import { type ListedParts, listedSources } from './listed-sources.ts'
import { type StoreFileParts, storeFile } from './store-file.ts'

export interface WishParts extends ListedParts, StoreFileParts {
  readonly store: Pick<FileStore, 'stored' | 'setKeep'>
  readonly blocklist: Blocklist
  readonly knownFiles: KnownFiles
  readonly metadata: Pick<TorrentMetadata, 'find'>
  readonly storedTitles: Pick<StoredTitles, 'remember'>
  readonly wantedFile: FindWantedFile
  readonly clock: Clock
}

/** What a look into a torrent takes. */
export type LookParts = Pick<WishParts, 'metadata' | 'blocklist' | 'clock' | 'timeoutMs'>

/** Told of the file as soon as it is known which it is. */
export type Found = (key: FileKey) => void

/** Sources that are tried, one after the other. */
const MOST_SOURCES = 3

/** Stores the first listed source of a title that can be had. @throws Fault why the last one could not */
export async function storeTitle(
  parts: WishParts,
  title: Title,
  signal: AbortSignal,
  found: Found,
): Promise<FileKey> {
  const sources = (await listedSources(parts, title, signal)).filter(ofTorrent)
  let last: unknown = new Fault('UNKNOWN_TITLE')
  for (const source of sources.slice(0, MOST_SOURCES)) {
    try {
      return await storeSource(parts, title, source, signal, found)
    } catch (error) {
      signal.throwIfAborted()
      // Another source takes no less room.
      if (error instanceof Fault && error.code === 'DOES_NOT_FIT') throw error
      last = error
    }
  }
  throw last
}

type TorrentSource = NumberedSource & { readonly locator: TorrentLocator }

const ofTorrent = (source: NumberedSource): source is TorrentSource =>
  source.locator.kind === 'magnet' || source.locator.kind === 'torrent'

async function storeSource(
  parts: WishParts,
  title: Title,
  source: TorrentSource,
  signal: AbortSignal,
  found: Found,
): Promise<FileKey> {
  const { blocklist, knownFiles, store, storedTitles, wantedFile } = parts
  const known = await knownFiles.recall(title, source)
  refuseBlocked(blocklist, known?.infoHash)
  if (known && store.stored(known.key)) {
    found(known.key)
    return known.key
  }
  const metainfo = await metainfoOf(parts, source.locator, known?.infoHash, signal)
  const fetchable = await fetchableFile(metainfo, title, source, wantedFile)
  void knownFiles.remember(title, source, fetchable)
  void storedTitles.remember(fetchable.key, title)
  found(fetchable.key)
  await storeFile(parts, fetchable, signal)
  return fetchable.key
}

/** Stores the largest video of a torrent. @throws Fault */
export async function storeMagnet(
  parts: WishParts,
  magnet: Magnet,
  signal: AbortSignal,
  found: Found,
): Promise<FileKey> {
  const locator = magnetLocator(magnet)
  refuseBlocked(parts.blocklist, magnet.infoHash)
  const metainfo = await metainfoOf(parts, locator, magnet.infoHash, signal)
  const source = { locator, selector: {}, provider: 'operator' }
  const fetchable = fetchableAt(metainfo, largestVideo(metainfo), source)
  found(fetchable.key)
  await storeFile(parts, fetchable, signal)
  return fetchable.key
}

function largestVideo({ files }: Metainfo): number | undefined {
  return largestFirst(videosIn(files))[0]?.fileIdx
}

const videosIn = (files: Metainfo['files']) =>
  [...files.entries()].flatMap(([fileIdx, { path, size }]) =>
    isVideo(path) ? [{ fileIdx, name: path.split('/').at(-1) ?? path, size }] : [],
  )

const largestFirst = <Sized extends { readonly size: number }>(all: readonly Sized[]): Sized[] =>
  [...all].sort((a, b) => b.size - a.size)

/** The largest ones, in the order of the torrent; those of a pack that holds more are left out. */
const MOST_VIDEOS = 30

/** What is in a torrent. @throws Fault as a play of it */
export async function lookInto(
  parts: LookParts,
  magnet: Magnet,
  signal: AbortSignal,
): Promise<TorrentVideos> {
  refuseBlocked(parts.blocklist, magnet.infoHash)
  const { name, files } = await metainfoOf(parts, magnetLocator(magnet), magnet.infoHash, signal)
  const videos = videosIn(files)
  const largest = new Set(largestFirst(videos).slice(0, MOST_VIDEOS))
  return { name, videos: videos.filter((video) => largest.has(video)) }
}

async function metainfoOf(
  { metadata, blocklist, clock, timeoutMs }: LookParts,
  locator: TorrentLocator,
  infoHash: string | undefined,
  signal: AbortSignal,
): Promise<Metainfo> {
  const waiting = createViewer(signal, timeoutMs, clock)
  try {
    return allowedTorrent(blocklist, await metadata.find(locator, infoHash, waiting))
  } finally {
    waiting.end()
  }
}
