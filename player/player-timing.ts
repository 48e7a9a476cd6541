/** Milliseconds. */
export interface PlayerTiming {
  /** A download goes on for so long after its last viewer: a player closes one range, then opens the next. */
  readonly lingerMs: number
  /** How long a read may wait for bytes after the first one. */
  readonly stallMs: number
  /** A viewer that takes nothing for so long gives its place to one that waits. */
  readonly idleViewerMs: number
  /** How long an address that has more than its share keeps it while another waits. */
  readonly reclaimAfterMs: number
  /** How long HEAD waits for providers. */
  readonly providerWaitMs: number
  /** How long "Auto" waits for a source before it tries the next one beside it. */
  readonly hedgeDelayMs: number
  /** Between the start of a play and the fetching of what may come after it. */
  readonly fetchAheadDelayMs: number
  /** How long what the operator asked for waits after it gave way to a viewer. */
  readonly downloadAgainMs: number
}

const LINGER_MS = 5_000
const STALL_MS = 30_000
const IDLE_VIEWER_MS = 60_000
/** A look-up that comes to something mostly has by then. */
const RECLAIM_AFTER_MS = 5_000
const PROVIDER_WAIT_MS = 1_000
const HEDGE_DELAY_MS = 8_000
const FETCH_AHEAD_DELAY_MS = 2_000
const DOWNLOAD_AGAIN_MS = 15_000

export const playerTiming = (given: Partial<PlayerTiming> = {}): PlayerTiming => ({
  lingerMs: LINGER_MS,
  stallMs: STALL_MS,
  idleViewerMs: IDLE_VIEWER_MS,
  reclaimAfterMs: RECLAIM_AFTER_MS,
  providerWaitMs: PROVIDER_WAIT_MS,
  hedgeDelayMs: HEDGE_DELAY_MS,
  fetchAheadDelayMs: FETCH_AHEAD_DELAY_MS,
  downloadAgainMs: DOWNLOAD_AGAIN_MS,
  ...given,
})
