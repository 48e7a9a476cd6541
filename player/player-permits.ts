import { evenShare, Permits } from '../common/permits/permits.ts'
import type { PlayerTiming } from './player-timing.ts'

/** Torrents that ask peers for their metadata at once. */
const MAX_METADATA_LOOKUPS = 4
/** How many wait for such a look-up, and how many for a download. */
const MAX_WAITING = 16
/** Of them from one address. */
const MAX_WAITING_EACH = 8

/** For what reaches swarms: addresses take turns. */
export function createPermits({ reclaimAfterMs }: PlayerTiming, maxDownloads: number) {
  const queue = { waitingMax: MAX_WAITING, waitingEach: MAX_WAITING_EACH, reclaimAfterMs }
  return {
    // A look-up that gives way costs a moment; a film that is watched gives way to nobody who has half.
    // One is left for who comes from elsewhere, who would wait else until another gives way.
    metadataPermits: new Permits({
      ...queue,
      max: MAX_METADATA_LOOKUPS,
      maxEach: MAX_METADATA_LOOKUPS - 1,
      share: evenShare,
    }),
    downloadPermits: new Permits({ ...queue, max: maxDownloads }),
  }
}
