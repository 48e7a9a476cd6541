import { setTimeout as sleep } from 'node:timers/promises'
import type { CacheIndex, Lease } from '../cache/index/cache-index.ts'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { ClusterCounts } from './cluster-counts.ts'
import { FetchedElsewhere } from './fetched-elsewhere.ts'
import type { Nodes } from './nodes.ts'

/** The right to have a torrent open in the engine of this node. */
export interface TorrentLease {
  /** What entries of its files are saved with; undefined: the index was away, and nobody else could be asked. */
  readonly fence: number | undefined
  /** Fires with FetchedElsewhere when another node has the lease. */
  readonly lost: AbortSignal
  /** Whether it is still held, asked anew: a process may have been paused past its lease. */
  confirm(): Promise<boolean>
  /** Safe to call twice. */
  release(): void
}

export interface TorrentLeasesParts {
  readonly index: Pick<CacheIndex, 'claim'>
  /** Id of this node. */
  readonly node: string
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Log
  readonly counts: Pick<ClusterCounts, 'leasesLost'>
  /** Whether the line to that node is broken, though it is there: what it fetches nobody here would get. */
  readonly lines?: Pick<Nodes, 'isCutOff' | 'wasCutOff'>
  /** Milliseconds; tests shorten them. */
  readonly timing?: { readonly ttlMs: number; readonly keepMs: number; readonly againMs: number }
}

const TTL_MS = 15_000
/** A download begins when the look-up of its torrent has ended: the lease is kept so long for it. */
const KEEP_MS = 5_000
/** After an index that did not answer: by then Redis has been asked whether it can be used again. */
const AGAIN_MS = 1_200

/** Away: it did not answer twice, so who comes next does not wait for it. */
interface IndexState {
  isAway: boolean
}

/**
 * One node at a time has a torrent open, whatever it wants of it: so a file is downloaded once whoever asks,
 * and a tracker that tells downloaders by their torrent sees one of us (BEP 27).
 */
export class TorrentLeases {
  readonly #parts: TorrentLeasesParts
  readonly #tenures = new Map<string, Tenure>()
  readonly #state: IndexState = { isAway: false }
  #givenBack = false

  constructor(parts: TorrentLeasesParts) {
    this.#parts = parts
  }

  /** How many torrents this node has the lease of. */
  get count(): number {
    return this.#tenures.size
  }

  /** Whether this node has that torrent open, or wants to. */
  holds(infoHash: string): boolean {
    return this.#tenures.has(infoHash)
  }

  /** @throws FetchedElsewhere */
  async hold(infoHash: string): Promise<TorrentLease> {
    let tenure = this.#tenures.get(infoHash)
    if (!tenure || tenure.over) {
      tenure = new Tenure(infoHash, this.#parts, this.#state, (ended) => {
        if (this.#tenures.get(infoHash) === ended) this.#tenures.delete(infoHash)
      })
      this.#tenures.set(infoHash, tenure)
    }
    return tenure.join()
  }

  /** Others may fetch what this node fetches now; what runs here goes on, and publishes nothing. */
  async giveBack(): Promise<void> {
    if (this.#givenBack) return
    this.#givenBack = true
    await Promise.all([...this.#tenures.values()].map((tenure) => tenure.giveBack()))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#tenures.values()].map((tenure) => tenure.end()))
  }
}

/** The lease of one torrent, for all that need it on this node. */
class Tenure {
  readonly #infoHash: string
  readonly #parts: TorrentLeasesParts
  readonly #state: IndexState
  readonly #ttlMs: number
  readonly #keepMs: number
  readonly #ended: (self: Tenure) => void
  readonly #lost = new AbortController()
  readonly #began: Promise<void>
  #lease: Lease | undefined
  /** It has been this node's at some time. */
  #wasOurs = false
  #users = 0
  #renewing: NodeJS.Timeout | undefined
  #keeping: NodeJS.Timeout | undefined
  #over = false
  #givenBack = false
  /** Another node has the lease, and is cut off from this one. */
  #alone = false

  constructor(
    infoHash: string,
    parts: TorrentLeasesParts,
    state: IndexState,
    ended: (self: Tenure) => void,
  ) {
    this.#infoHash = infoHash
    this.#parts = parts
    this.#state = state
    this.#ttlMs = parts.timing?.ttlMs ?? TTL_MS
    this.#keepMs = parts.timing?.keepMs ?? KEEP_MS
    this.#ended = ended
    this.#began = this.#begin()
    this.#began.catch(() => {}) // told to who joins
  }

  get over(): boolean {
    return this.#over
  }

  async join(): Promise<TorrentLease> {
    this.#users++
    clearTimeout(this.#keeping)
    let left = false
    const release = (): void => {
      if (left) return
      left = true
      if (--this.#users === 0 && !this.#over)
        this.#keeping = setTimeout(() => void this.end(), this.#keepMs)
    }
    try {
      await this.#began
    } catch (error) {
      release()
      throw error
    }
    const self = this
    return {
      get fence() {
        return self.#lease?.fence
      },
      lost: this.#lost.signal,
      confirm: () => this.#confirm(),
      release,
    }
  }

  /** Gives the lease back when nobody here needs it. Never rejects. */
  async end(): Promise<void> {
    if (this.#over) return
    this.#finish()
    await this.giveBack()
  }

  async giveBack(): Promise<void> {
    this.#givenBack = true
    clearInterval(this.#renewing)
    const lease = this.#lease
    this.#lease = undefined
    // One that cannot be given back ends by itself.
    await lease?.release().catch(() => {})
  }

  async #begin(): Promise<void> {
    try {
      await this.#claim().catch((error: unknown) => this.#claimAgain(error))
    } catch (error) {
      if (error instanceof FetchedElsewhere) {
        this.#finish()
        throw error
      }
      this.#state.isAway = true
      this.#parts.log.debug({ err: error, infoHash: this.#infoHash }, 'fetched without a lease')
    }
    if (!this.#over) this.#renewing = setInterval(() => void this.#renew(), this.#ttlMs / 3)
  }

  /** A machine that is busy for a moment is no reason to fetch what another node fetches. @throws as #claim */
  async #claimAgain(error: unknown): Promise<void> {
    if (error instanceof FetchedElsewhere || this.#state.isAway || this.#givenBack) throw error
    await sleep(this.#parts.timing?.againMs ?? AGAIN_MS, undefined, { ref: false })
    await this.#claim()
  }

  /** @throws FetchedElsewhere; what the index throws when it is away */
  async #claim(): Promise<void> {
    const { index, node } = this.#parts
    const claim = await index.claim(`torrent:${this.#infoHash}`, node, this.#ttlMs)
    this.#state.isAway = false
    if (!claim.won) {
      const { lines } = this.#parts
      const isBroken = this.#alone ? lines?.wasCutOff(claim.owner) : lines?.isCutOff(claim.owner)
      if (!isBroken) throw new FetchedElsewhere(claim.owner)
      const facts = { infoHash: this.#infoHash, node: claim.owner }
      if (!this.#alone)
        this.#parts.log.warn(facts, 'fetched here too: the line to who has it is broken')
      this.#alone = true
      return
    }
    this.#alone = false
    this.#wasOurs = true
    if (this.#givenBack) await claim.lease.release()
    else this.#lease = claim.lease
  }

  /** A lease that ran out is claimed anew: it may be that nobody else wanted the torrent. Never rejects. */
  async #renew(): Promise<boolean> {
    if (this.#givenBack || this.#lost.signal.aborted) return false
    try {
      if (this.#lease && (await this.#lease.renew())) return true
      this.#lease = undefined
      await this.#claim()
      return true
    } catch (error) {
      if (!(error instanceof FetchedElsewhere)) return true // the index is away: nobody else is told
      this.#parts.log.warn(
        { infoHash: this.#infoHash, node: error.node },
        'another node fetches this torrent now: it is left to that one',
      )
      this.#finish()
      if (this.#wasOurs) this.#parts.counts.leasesLost++
      this.#lost.abort(error)
      return false
    }
  }

  async #confirm(): Promise<boolean> {
    return !this.#givenBack && (await this.#renew()) && !this.#alone
  }

  #finish(): void {
    this.#over = true
    clearInterval(this.#renewing)
    clearTimeout(this.#keeping)
    this.#ended(this)
  }
}
