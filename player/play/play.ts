import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { openDirectPath } from '../files/direct-path.ts'
import { fetchableFile, type WantedFile } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { Playable } from '../files/playable.ts'
import type { Viewer } from '../jobs/viewer.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { FileBytes } from './file-bytes.ts'
import type { RecentPlays } from './recent-plays.ts'
import type { StoredTitles } from './stored-titles.ts'

export interface PlayParts {
  readonly blocklist: Blocklist
  readonly sourceLists: SourceLists
  readonly outbound: Outbound
  readonly recentPlays: RecentPlays
  readonly knownFiles: KnownFiles
  readonly metadata: TorrentMetadata
  readonly fileBytes: FileBytes
  readonly wantedFile: WantedFile
  readonly storedTitles: Pick<StoredTitles, 'remember'>
}

/**
 * The order of a play's steps, as docs/architecture.md draws it. Each step answers, or hands on
 * with nothing held; the last one to take something returns it inside the playable.
 */
export function createPlay(parts: PlayParts) {
  const { blocklist, sourceLists, recentPlays, knownFiles, metadata, fileBytes } = parts

  return async function play(request: PlayRequest, viewer: Viewer): Promise<Playable> {
    const { title, number, key, trace } = request
    const played = recentPlays.fileKeyOf(request)
    const again = played && (await fileBytes.openExisting(played, viewer))
    if (again) return again

    const resolving = sourceLists.resolve(title, number, key, viewer.signal)
    const source = await viewer.wait(resolving, () => 'PROVIDERS_FAILED')
    trace?.done('sources')
    const { locator } = source
    if (locator.kind === 'url') return redirect(parts.outbound, locator.url)
    if (locator.kind === 'path') return openDirectPath(locator.path)

    const known = await knownFiles.recall(title, source)
    refuseBlocked(blocklist, known?.infoHash)
    const here = known && (await fileBytes.openExisting(known.key, viewer))
    trace?.done('cache')
    if (here) {
      recentPlays.remember(request, known.key)
      void parts.storedTitles.remember(known.key, title)
      return here
    }

    const found = await metadata.find(locator, known?.infoHash, viewer)
    trace?.done('metadata')
    const metainfo = allowedTorrent(blocklist, found)
    const fetchable = fetchableFile(metainfo, title, source, parts.wantedFile)
    void knownFiles.remember(title, source, fetchable)
    void parts.storedTitles.remember(fetchable.key, title)
    return fileBytes.openOrFetch(fetchable, viewer)
  }
}

function redirect(outbound: Outbound, url: string): Playable {
  if (!outbound.mayRedirect(url)) throw new Fault('BAD_REDIRECT')
  return { kind: 'redirect', url }
}
