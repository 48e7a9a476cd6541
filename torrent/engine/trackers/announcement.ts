/** What a tracker is told of us and a torrent (BEP 3). */
export interface Announcement {
  /** 40 lower-case hex. */
  readonly infoHash: string
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** Where we accept peers. */
  readonly port: number
  /** Random, and the same as long as the torrent is here: by it a tracker knows us at a new address. */
  readonly key: number
  readonly event: TrackerEvent | undefined
  readonly totals: TransferTotals
}

export type TrackerEvent = 'started' | 'completed' | 'stopped'

/** Bytes since `started`; `left` is what is missing of the whole torrent, as far as we know it. */
export interface TransferTotals {
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
}

/** What a tracker says. All of it is foreign, and checked by who read it. */
export interface TrackerAnswer {
  /** `ip:port` or `[ip]:port`, at most MAX_PEERS. */
  readonly peers: readonly string[]
  /** Seconds until it wants to be asked again; at the earliest. */
  readonly interval: number | undefined
  readonly minInterval: number | undefined
  /** To be sent back to it, as it came. */
  readonly trackerId?: Uint8Array | undefined
  /** Our own address, as it sees us (BEP 24). */
  readonly ownAddress?: string | undefined
}

/** The tracker was asked, and refuses. */
export class TrackerRefused extends Error {
  override readonly name = 'TrackerRefused'
  /** Seconds until it may be asked again (BEP 31); Infinity: never. */
  readonly retryIn: number | undefined

  constructor(reason: string, retryIn?: number) {
    super(reason)
    this.retryIn = retryIn
  }
}

/** Peers that are asked for at once (BEP 3 `numwant`), and the most that are taken from an answer. */
export const MAX_PEERS = 200
