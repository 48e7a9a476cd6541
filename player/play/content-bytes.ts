import type { FileStore } from '../../cache/disk/file-store.ts'
import { type ContentKey, contentEtag } from '../../common/bittorrent/content-key.ts'
import type { Clock } from '../../common/clock.ts'
import type { Arrival, Arrivals } from '../downloads/arrivals.ts'
import type { Content } from '../files/content.ts'
import type { BytesPlayable } from '../files/playable.ts'
import { createPatience, createWatchedReader } from '../files/watched-reader.ts'
import type { Share } from '../jobs/shared-job.ts'
import type { Viewer } from '../jobs/viewer.ts'

/** The bytes of a content, from wherever they are now; one download for all who ask. */
export interface ContentBytes {
  /** On disk, or on the way already; undefined when neither. @throws Fault as open */
  here(key: ContentKey, viewer: Viewer): Promise<BytesPlayable | undefined>
  /** Fetched when it is not here. @throws Fault TOO_MANY_ARRIVALS, NO_FIRST_BYTE, DOES_NOT_FIT, ... */
  open(content: Content, viewer: Viewer): Promise<BytesPlayable>
}

export interface ContentBytesParts {
  readonly store: FileStore
  readonly arrivals: Arrivals
  readonly stallMs: number
  readonly clock: Clock
}

export function createContentBytes(parts: ContentBytesParts): ContentBytes {
  const { store, arrivals } = parts

  async function here(key: ContentKey, viewer: Viewer): Promise<BytesPlayable | undefined> {
    const disk = await fromDisk(store, key)
    if (disk) return disk
    const share = arrivals.joinRunning(key)
    return share && fromArrival(key, share, viewer)
  }

  /** The share goes back here when the arrival does not begin in time, else with the playable. */
  async function fromArrival(key: ContentKey, share: Share<Arrival>, viewer: Viewer) {
    try {
      const late = () => (share.queued ? 'TOO_MANY_ARRIVALS' : 'NO_FIRST_BYTE')
      const arrival = await viewer.wait(share.ready, late)
      return arrivingPlayable(parts, key, arrival, share, viewer)
    } catch (error) {
      share.leave()
      throw error
    }
  }

  return {
    here,
    async open(content, viewer) {
      const now = await here(content.key, viewer)
      return now ?? (await fromArrival(content.key, arrivals.join(content), viewer))
    },
  }
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
    content: key,
    read: (range) => held.read(range),
    release: () => held.release(),
  }
}

function arrivingPlayable(
  { stallMs, clock }: ContentBytesParts,
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
    times: arrival.times,
    read: (range) => createWatchedReader(range, arrival.source, patience),
    release: () => share.leave(),
  }
}
