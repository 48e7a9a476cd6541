import { randomBytes } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { createOutbound } from '../../../common/network/guarded-outbound.ts'
import type { TrackerAnswer, TransferTotals } from './announcement.ts'
import { askHttpTracker } from './http-tracker.ts'
import { TorrentTrackers } from './torrent-trackers.ts'
import type { Ask, TrackerTimes } from './tracker.ts'
import { createTrackerLookup } from './tracker-lookup.ts'
import { UdpTrackers } from './udp-trackers.ts'

export interface TrackerClientOptions {
  readonly rules: AddressRules
  /** Undefined: the usual one; `remote`: a proxy resolves names, here none is looked up. */
  readonly lookup?: LookupFunction | 'remote' | undefined
  readonly times?: TrackerTimes
}

/** A torrent, as its trackers are told of it. */
export interface TrackedTorrent {
  /** 40 lower-case hex. */
  readonly infoHash: string
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** Where we accept peers; 0: nowhere. */
  readonly port: number
  totals(): TransferTotals
  /** @param peers `ip:port` or `[ip]:port`, foreign as they are */
  peersFound(peers: readonly string[]): void
  /** Our address, as a tracker sees us. */
  seenAs(address: string): void
}

/** Asks the trackers of all torrents of this process, each host and redirect through the guard. */
export class TrackerClient {
  readonly #times: TrackerTimes | undefined
  readonly #outbound: ReturnType<typeof createOutbound>
  readonly #udp: UdpTrackers
  /** Those whose end is not waited for any more are ended with the client. */
  readonly #end = new AbortController()

  constructor(options: TrackerClientOptions) {
    const { rules, times, lookup: given } = options
    const lookup = given === 'remote' ? undefined : (given ?? createTrackerLookup())
    this.#times = times
    this.#outbound = createOutbound({ rules, log: silent, ...(lookup && { lookup }) })
    this.#udp = new UdpTrackers(rules, lookup)
  }

  join(torrent: TrackedTorrent): TorrentTrackers {
    const key = randomBytes(4).readUInt32BE(0)
    const answered = ({ peers, ownAddress }: TrackerAnswer): void => {
      if (ownAddress !== undefined) torrent.seenAs(ownAddress)
      torrent.peersFound(peers)
    }
    const askOf = (url: string): Ask => {
      const isUdp = /^udp:/i.test(url)
      return ({ event, trackerId, signal }) => {
        const { infoHash, peerId, port } = torrent
        const question = {
          infoHash,
          peerId,
          port: port || NOBODY_LISTENS,
          key,
          event,
          trackerId,
          totals: torrent.totals(),
        }
        const ended = AbortSignal.any([signal, this.#end.signal])
        return isUdp
          ? this.#udp.ask(url, question, ended, (peers) => torrent.peersFound(peers))
          : askHttpTracker(this.#outbound, url, question, ended)
      }
    }
    return new TorrentTrackers({ askOf, answered, ...(this.#times && { times: this.#times }) })
  }

  close(): void {
    this.#end.abort(new Error('closed'))
    this.#outbound.close()
    this.#udp.close()
  }
}

/** Told where no peer can reach us: many refuse an announcement of port 0. */
const NOBODY_LISTENS = 1

/** Trackers fail all day: that is no news, and no log line. */
const silent = { warn: () => {}, debug: () => {} }
