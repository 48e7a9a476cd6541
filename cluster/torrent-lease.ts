import { setTimeout as sleep } from 'node:timers/promises'
import type { CacheIndex, Lease } from '../cache/index/cache-index.ts'
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
  readonly log: Log
  readonly counts: Pick<ClusterCounts, 'leasesLost'>
  /** Whether the line to that node is broken, though it is there: what it fetches nobody here would get. */
  readonly lines?: Pick<Nodes, 'isCutOff' | 'wasCutOff'>
  /** Milliseconds; tests shorten them. */
  readonly timing?: LeaseTiming
}

/** In milliseconds. */
export interface LeaseTiming {
  readonly ttlMs: number
  readonly keepMs: number
  readonly againMs: number
  readonly awayMs: number
}

const usualTiming: LeaseTiming = {
  ttlMs: 15_000,
  /** A download begins when the look-up of its torrent has ended: the lease is kept so long for it. */
  keepMs: 5_000,
  /** For an index that did not answer; by then Redis has been asked whether it can be used again. */
  againMs: 1_200,
  /**
   * Between two tries then, and of who fetches without a lease: until one succeeds two nodes may fetch the same. It
   * costs nothing while Redis is out of use, for then nothing is sent.
   */
  awayMs: 400,
}

/** Away: it did not answer twice, so who comes next does not wait for it. */
export interface IndexState {
  isAway: boolean
}

/** The lease of one torrent, for all that need it on this node. */
export class Tenure {
  readonly #infoHash: string
  readonly #parts: TorrentLeasesParts
  readonly #state: IndexState
  readonly #timing: LeaseTiming
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
  /** Who comes next here may need it. */
  #isKept = true
  #givenBack = false
  /** Another node has the lease, and is cut off from this one. */
  #alone = false
  /** The index did not answer at the last try: nobody knows whose the lease is. */
  #unsure = false

  constructor(
    infoHash: string,
    parts: TorrentLeasesParts,
    state: IndexState,
    ended: (self: Tenure) => void,
  ) {
    this.#infoHash = infoHash
    this.#parts = parts
    this.#state = state
    this.#timing = parts.timing ?? usualTiming
    this.#ended = ended
    this.#began = this.#begin()
    this.#began.catch(() => {}) // told to who joins
  }

  get over(): boolean {
    return this.#over
  }

  async join(): Promise<TorrentLease> {
    this.#users++
    this.#isKept = true
    clearTimeout(this.#keeping)
    let left = false
    const release = (): void => {
      if (left) return
      left = true
      if (--this.#users === 0 && !this.#over)
        this.#keeping = setTimeout(() => void this.end(), this.#isKept ? this.#timing.keepMs : 0)
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

  /** It is of no use here, and not kept for who comes next. */
  leave(): void {
    this.#isKept = false
    if (this.#users === 0) void this.end()
  }

  /** Gives the lease back when nobody here needs it. Never rejects. */
  async end(): Promise<void> {
    if (this.#over) return
    this.#finish()
    await this.giveBack()
  }

  async giveBack(): Promise<void> {
    this.#givenBack = true
    clearTimeout(this.#renewing)
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
      this.#unsure = true
      this.#parts.log.debug({ err: error, infoHash: this.#infoHash }, 'fetched without a lease')
    }
    this.#renewLater()
  }

  /** Soon where nobody knows whose it is. */
  #renewLater(): void {
    clearTimeout(this.#renewing)
    if (this.#over || this.#givenBack) return
    const { ttlMs, awayMs } = this.#timing
    this.#renewing = setTimeout(() => void this.#renew(), this.#unsure ? awayMs : ttlMs / 3)
  }

  /** A machine that is busy for a moment is no reason to fetch what another node fetches. @throws as #claim */
  async #claimAgain(error: unknown): Promise<void> {
    if (error instanceof FetchedElsewhere || this.#state.isAway || this.#givenBack) throw error
    const { againMs, awayMs } = this.#timing
    let last: unknown = error
    for (let waited = 0; waited < againMs; waited += awayMs) {
      await sleep(awayMs, undefined, { ref: false })
      try {
        return await this.#claim()
      } catch (error) {
        if (error instanceof FetchedElsewhere) throw error
        last = error
      }
    }
    throw last
  }

  /** @throws FetchedElsewhere; what the index throws when it is away */
  async #claim(): Promise<void> {
    const { index, node } = this.#parts
    const claim = await index.claim(`torrent:${this.#infoHash}`, node, this.#timing.ttlMs)
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
      if (!(await this.#lease?.renew())) {
        this.#lease = undefined
        await this.#claim()
      }
      this.#unsure = false
    } catch (error) {
      if (error instanceof FetchedElsewhere) return this.#leave(error)
      this.#unsure = true // nobody else is told either
    }
    this.#renewLater()
    return true
  }

  /** @returns that it is not ours */
  #leave(elsewhere: FetchedElsewhere): false {
    const facts = { infoHash: this.#infoHash, node: elsewhere.node }
    this.#parts.log.warn(facts, 'another node fetches this torrent now: it is left to that one')
    this.#finish()
    if (this.#wasOurs) this.#parts.counts.leasesLost++
    this.#lost.abort(elsewhere)
    return false
  }

  async #confirm(): Promise<boolean> {
    return !this.#givenBack && (await this.#renew()) && !this.#alone
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#renewing)
    clearTimeout(this.#keeping)
    this.#ended(this)
  }
}
