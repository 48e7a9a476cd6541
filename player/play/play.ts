import type { Cluster } from '../../cluster/cluster.ts'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Title } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { furtherParts } from '../../sources/matching/wanted-file.ts'
import type { Source } from '../../sources/source.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { openDirectPath } from '../files/direct-path.ts'
import { type FindWantedFile, fetchableFile, fileName } from '../files/fetchable-file.ts'
import { type KnownFile, type KnownFiles, knownInfoHash } from '../files/known-files.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { Playable } from '../files/playable.ts'
import type { Viewer } from '../jobs/viewer.ts'
import type { CachedLinks } from '../links/cached-links.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { Relay } from '../relay/relay.ts'
import type { FileBytes } from './file-bytes.ts'
import type { RecentPlays } from './recent-plays.ts'
import type { StoredTitles } from './stored-titles.ts'

export interface PlayParts {
  readonly blocklist: Blocklist
  readonly sourceLists: Pick<SourceLists, 'resolve' | 'learnParts'>
  readonly outbound: Pick<Outbound, 'mayRedirect'>
  readonly recentPlays: RecentPlays
  readonly knownFiles: KnownFiles
  readonly metadata: Pick<TorrentMetadata, 'find' | 'learn'>
  readonly fileBytes: FileBytes
  readonly relay: Pick<Relay, 'open'>
  /** Undefined: links are not kept. */
  readonly cachedLinks?: Pick<CachedLinks, 'open'> | undefined
  readonly wantedFile: FindWantedFile
  readonly storedTitles: Pick<StoredTitles, 'remember'>
  /** Where several nodes share one index. */
  readonly cluster?:
    | (Pick<Cluster, 'expectNoHolder' | 'expectNoTorrent' | 'expectNoRoom'> & {
        readonly torrents: Pick<Cluster['torrents'], 'leave'>
      })
    | undefined
}

/**
 * The steps of a play in their order, as docs/architecture.md draws them. A step either answers, or
 * holds nothing when the next one begins; what the last step takes is given back by the playable.
 */
export async function openPlayable(
  parts: PlayParts,
  request: PlayRequest,
  viewer: Viewer,
): Promise<Playable> {
  const { blocklist, sourceLists, recentPlays, knownFiles, metadata, fileBytes, relay } = parts
  const { title, number, sourceKey, trace, asker } = request
  const recentFileKey = request.handed?.key ?? recentPlays.fileKeyOf(request)
  const again = recentFileKey && (await fileBytes.openExisting(recentFileKey, viewer))
  if (again) return again

  const resolving = sourceLists.resolve(title, number, sourceKey, viewer.signal, asker)
  const source = await viewer.wait(resolving, () => 'PROVIDERS_FAILED')
  trace?.done('sources')
  const { locator } = source
  if (locator.kind === 'url') {
    if (!parts.outbound.mayRedirect(locator.url)) throw new Fault('BAD_REDIRECT')
    if (!source.relayed) return { kind: 'redirect', url: locator.url }
    const kept = await parts.cachedLinks?.open(source, request, viewer, (key) => {
      recentPlays.remember(request, key)
      void parts.storedTitles.remember(key, title)
    })
    return kept ?? relay.open(source, viewer, request.hops)
  }
  if (locator.kind === 'path') return openDirectPath(locator.path)

  const joined = (): void => metadata.learn(locator)
  const known = await knownFiles.recall(title, source)
  refuseBlocked(blocklist, known?.infoHash)
  const existing = known && (await fileBytes.openExisting(known.key, viewer, joined))
  trace?.done('cache')
  if (existing) {
    recentPlays.remember(request, known.key)
    void parts.storedTitles.remember(known.key, title)
    return existing
  }
  // Who handed it over has looked at the others.
  if (!request.handed) await expectNowhere(parts.cluster, known, source, viewer)

  const found = await metadata.find(locator, known?.infoHash, viewer)
  trace?.done('metadata')
  const metainfo = allowedTorrent(blocklist, found)
  const reading = fetchableFile(metainfo, title, source, parts.wantedFile)
  const fetchable = await viewer.wait(reading, () => 'NO_WANTED_FILE')
  void knownFiles.remember(title, source, fetchable)
  void parts.storedTitles.remember(fetchable.key, title)
  void learnParts(parts, metainfo, { title, source })
  const opening = fileBytes.openOrFetch(fetchable, viewer, joined)
  return opening.catch((error) => leaveToOthers(parts.cluster, error, metainfo, request, viewer))
}

/** What does not fit here may fit at another node. @throws FetchedElsewhere that one; else the error */
function leaveToOthers(
  cluster: PlayParts['cluster'],
  error: unknown,
  { infoHash }: Metainfo,
  { handed }: PlayRequest,
  viewer: Viewer,
): never {
  if (error instanceof Fault && error.code === 'DOES_NOT_FIT') {
    // Who handed it over asks the others.
    if (handed) cluster?.torrents.leave(infoHash)
    else cluster?.expectNoRoom(infoHash, viewer)
  }
  throw error
}

/** No other node that is there has it whole, as far as that can be asked. @throws FetchedElsewhere one has */
async function expectNowhere(
  cluster: PlayParts['cluster'],
  known: KnownFile | undefined,
  source: Source,
  viewer: Viewer,
): Promise<void> {
  const infoHash = knownInfoHash(source)
  if (known) await cluster?.expectNoHolder(known.key)
  else if (infoHash !== undefined) await cluster?.expectNoTorrent(infoHash, viewer)
}

/** The other parts of a film in parts are sources of their own in the next list. Never rejects. */
async function learnParts(
  { sourceLists }: Pick<PlayParts, 'sourceLists'>,
  { files }: Metainfo,
  { title, source }: { readonly title: Title; readonly source: Source },
): Promise<void> {
  const indices = await furtherParts(files, title, source.selector)
  const found = indices.flatMap((fileIdx) => {
    const file = files[fileIdx]
    return file ? [{ fileIdx, name: fileName(file.path), size: file.size }] : []
  })
  sourceLists.learnParts(source, found)
}
