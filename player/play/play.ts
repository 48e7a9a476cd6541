import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { contentOf, type WantedFile } from '../files/content.ts'
import { openDirectPath } from '../files/direct-path.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { Playable } from '../files/playable.ts'
import type { RememberedContents } from '../files/remembered-contents.ts'
import type { Viewer } from '../jobs/viewer.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { ContentBytes } from './content-bytes.ts'
import type { HeldTitles } from './held-titles.ts'
import type { RecentContents } from './recent-contents.ts'

export interface PlayParts {
  readonly blocklist: Blocklist
  readonly sourceLists: SourceLists
  readonly outbound: Outbound
  readonly recent: RecentContents
  readonly remembered: RememberedContents
  readonly metadata: TorrentMetadata
  readonly contents: ContentBytes
  readonly wantedFile: WantedFile
  readonly heldTitles: Pick<HeldTitles, 'note'>
}

/**
 * The order of a play's steps, as docs/architecture.md draws it. Each step answers, or hands on
 * with nothing held; the last one to take something returns it inside the playable.
 */
export function createPlay(parts: PlayParts) {
  const { blocklist, sourceLists, recent, remembered, metadata, contents } = parts

  return async function play(request: PlayRequest, viewer: Viewer): Promise<Playable> {
    const { title, number, key, trace } = request
    const played = recent.of(request)
    const again = played && (await contents.here(played, viewer))
    if (again) return again

    const resolving = sourceLists.resolve(title, number, key, viewer.signal)
    const source = await viewer.wait(resolving, () => 'PROVIDERS_FAILED')
    trace?.done('sources')
    const { locator } = source
    if (locator.kind === 'url') return redirect(parts.outbound, locator.url)
    if (locator.kind === 'path') return openDirectPath(locator.path)

    const known = await remembered.recall(title, source)
    refuseBlocked(blocklist, known?.infoHash)
    const here = known && (await contents.here(known.key, viewer))
    trace?.done('cache')
    if (here) {
      recent.note(request, known.key)
      void parts.heldTitles.note(known.key, title)
      return here
    }

    const found = await metadata.find(locator, known?.infoHash, viewer)
    trace?.done('metadata')
    const metainfo = allowedTorrent(blocklist, found)
    const content = contentOf(metainfo, title, source, parts.wantedFile)
    void remembered.remember(title, source, content)
    void parts.heldTitles.note(content.key, title)
    return contents.open(content, viewer)
  }
}

function redirect(outbound: Outbound, url: string): Playable {
  if (!outbound.mayRedirect(url)) throw new Fault('BAD_REDIRECT')
  return { kind: 'redirect', url }
}
