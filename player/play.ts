import type { FileStore } from '../cache/file-store.ts'
import type { Blocklist } from '../common/blocklist.ts'
import type { Clock } from '../common/clock.ts'
import { type ContentKey, contentEtag } from '../common/content-key.ts'
import { Fault } from '../common/errors.ts'
import type { Outbound } from '../common/outbound.ts'
import type { Book } from '../sources/book.ts'
import type { Arrival, Arrivals } from './arrivals.ts'
import { allowedTorrent, refuseBlocked } from './blocked.ts'
import { contentOf, type WantedFile } from './content.ts'
import { openDirectPath } from './direct-path.ts'
import type { BytesPlayable, Playable } from './playable.ts'
import type { PlayRequest } from './player.ts'
import type { RememberedContents } from './remembered-contents.ts'
import type { Share } from './shared-job.ts'
import type { TorrentMetadata } from './torrent-metadata.ts'
import type { Viewer } from './viewer.ts'
import { createPatience, createWatchedReader } from './watched-reader.ts'

export interface PlayParts {
  readonly blocklist: Blocklist
  readonly book: Book
  readonly store: FileStore
  readonly outbound: Outbound
  readonly remembered: RememberedContents
  readonly metadata: TorrentMetadata
  readonly arrivals: Arrivals
  readonly wantedFile: WantedFile
  readonly stallMs: number
  readonly clock: Clock
}

/**
 * The order of a play's steps, as docs/architecture.md draws it. Each step answers, or hands on
 * with nothing held; the last one to take something returns it inside the playable.
 */
export function createPlay(parts: PlayParts) {
  const { blocklist, book, store, remembered, metadata, arrivals } = parts

  return async function play(request: PlayRequest, viewer: Viewer): Promise<Playable> {
    const { title, number, key } = request
    const resolving = book.resolve(title, number, key, viewer.signal)
    const source = await viewer.wait(resolving, () => 'PROVIDERS_FAILED')
    const { locator } = source
    if (locator.kind === 'url') return redirect(parts.outbound, locator.url)
    if (locator.kind === 'path') return openDirectPath(locator.path)

    const known = await remembered.recall(title, source)
    refuseBlocked(blocklist, known?.infoHash)
    const here = known && (await hereOrArriving(known.key))
    if (here) return here

    const found = await metadata.find(locator, known?.infoHash, viewer)
    const metainfo = allowedTorrent(blocklist, found)
    const content = contentOf(metainfo, title, source, parts.wantedFile)
    void remembered.remember(title, source, content)
    const nowHere = await hereOrArriving(content.key)
    return nowHere ?? (await fromArrival(content.key, arrivals.join(content)))

    async function hereOrArriving(contentKey: ContentKey): Promise<BytesPlayable | undefined> {
      const disk = await fromDisk(store, contentKey)
      if (disk) return disk
      const share = arrivals.joinRunning(contentKey)
      return share && fromArrival(contentKey, share)
    }

    /** The share goes back here when the arrival does not begin in time, else with the playable. */
    async function fromArrival(contentKey: ContentKey, share: Share<Arrival>) {
      try {
        const late = () => (share.queued ? 'TOO_MANY_ARRIVALS' : 'NO_FIRST_BYTE')
        const arrival = await viewer.wait(share.ready, late)
        return arrivingPlayable(parts, contentKey, arrival, share, viewer)
      } catch (error) {
        share.leave()
        throw error
      }
    }
  }
}

function redirect(outbound: Outbound, url: string): Playable {
  if (!outbound.mayRedirect(url)) throw new Fault('BAD_REDIRECT')
  return { kind: 'redirect', url }
}

async function fromDisk(store: FileStore, key: ContentKey): Promise<BytesPlayable | undefined> {
  const held = await store.hold(key)
  if (!held) return undefined
  return {
    kind: 'bytes',
    from: 'disk',
    name: held.record.name,
    size: held.size,
    etag: contentEtag(key),
    read: (range) => held.read(range),
    release: () => held.release(),
  }
}

function arrivingPlayable(
  { stallMs, clock }: PlayParts,
  key: ContentKey,
  arrival: Arrival,
  share: Share<Arrival>,
  viewer: Viewer,
): BytesPlayable {
  const patience = createPatience(() => viewer.firstByteBy - clock.steady(), stallMs)
  return {
    kind: 'bytes',
    from: arrival.from,
    name: arrival.name,
    size: arrival.size,
    etag: contentEtag(key),
    read: (range) => createWatchedReader(range, arrival.source, patience),
    release: () => share.leave(),
  }
}
