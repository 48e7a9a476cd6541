import { hasInfoHash } from '../../../common/bittorrent/info-hash.ts'
import type { MetadataPool } from './metadata-pool.ts'

/** The connection that an info dictionary is requested over. */
export interface MetadataPeer {
  /** It must not be asked for a piece before it has answered for the last one. */
  readonly oneAtATime?: boolean
  request(piece: number): void
  /** Closes the connection; it may be opened again. */
  close(): void
}

/** All info dictionaries of the torrent that are being downloaded. */
interface Downloads {
  /** Hex. */
  readonly infoHash: string
  isRunning(download: MetadataDownload): boolean
  remove(download: MetadataDownload): void
  /** The hash was wrong: each peer goes on alone. */
  split(pool: MetadataPool): void
  /** Drops some when they take too much memory. */
  limit(): void
}

/** What `add` answers: nothing yet, the whole info dictionary, or that this peer sent wrong bytes. */
export interface MetadataProgress {
  readonly whole?: Buffer
  readonly wrong?: true
}
const INCOMPLETE: MetadataProgress = {}

/** Requests in flight to a peer: some clients ignore or reject what is more. */
const MAX_REQUESTS = 8
/** A peer that rejects all is asked again after this time, in milliseconds; it doubles each time. */
const REJECTED_MS = 200
/** After so many times in a row the connection is closed: on a new one the peer may answer. */
const MAX_REJECTS = 5
/**
 * A peer that sends nothing for this long is asked again; the time doubles with each such pause. One that has
 * answered is asked sooner: when it takes so many times as long as it took then.
 */
const SILENT_MS = 3000
const MAX_SILENT_MS = 30_000
const MIN_SILENT_MS = 500
const SILENT_ANSWERS = 8

/** What one peer sends of an info dictionary, in pieces of 16 KiB (BEP 9). */
export class MetadataDownload {
  readonly #all: Downloads
  readonly #peer: MetadataPeer
  readonly #requested = new Set<number>()
  #pool: MetadataPool
  /** Requests in flight that it seems to keep; and how many are tried at most. */
  #most: number
  #limit: number
  /** In a row. */
  #rejects = 0
  #silences = 0
  #silentMs = SILENT_MS
  #hasAnswered = false
  readonly #begunAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(all: Downloads, pool: MetadataPool, peer: MetadataPeer) {
    this.#all = all
    this.#pool = pool
    this.#peer = peer
    this.#limit = this.#most = peer.oneAtATime ? 1 : MAX_REQUESTS
  }

  /** What is fetched together with others. */
  get pool(): MetadataPool {
    return this.#pool
  }

  /** Sends as many requests as the peer may have. */
  fill(): void {
    while (this.#requested.size < this.#most) {
      const piece = this.#pool.next(this.#requested)
      if (piece < 0) break
      this.#requested.add(piece)
      this.#pool.requested(piece)
      this.#peer.request(piece)
    }
    this.#wait(Math.min(this.#silentMs * 2 ** this.#silences, MAX_SILENT_MS), () => {
      this.#silences++
      this.#releaseAll()
      // All of them may be on their way from a slow peer, and one too many is enough to find out. Others
      // drop what they are asked for before they have answered.
      this.#limit = this.#most = 1
    })
  }

  /** Keeps a copy of the bytes. Pieces of a wrong length, unknown or sent before are ignored. */
  add(piece: number, bytes: Uint8Array): MetadataProgress {
    if (!this.#all.isRunning(this)) return INCOMPLETE
    this.#answered()
    this.#rejects = this.#silences = 0
    this.#most = Math.min(this.#most + 1, this.#limit)
    this.#release(piece)
    const isNew = this.#pool.add(piece, bytes, this)
    if (isNew) this.#all.limit()
    if (!this.#all.isRunning(this)) return INCOMPLETE
    if (isNew && this.#pool.isComplete) return this.#check()
    this.fill()
    return INCOMPLETE
  }

  #answered(): void {
    if (this.#hasAnswered) return
    this.#hasAnswered = true
    const tookMs = performance.now() - this.#begunAt
    this.#silentMs = Math.max(MIN_SILENT_MS, Math.min(tookMs * SILENT_ANSWERS, SILENT_MS))
  }

  /** The peer will not send the piece now. */
  rejected(piece: number): void {
    if (!this.#all.isRunning(this) || !this.#requested.has(piece)) return
    this.#release(piece)
    // So many it keeps, it seems.
    this.#most = Math.max(1, this.#requested.size)
    if (this.#requested.size > 0) return
    if (++this.#rejects >= MAX_REJECTS) this.#peer.close()
    else this.#wait(REJECTED_MS * 2 ** this.#rejects, () => {})
  }

  /** The hash was wrong: from now on nothing counts but what this peer sends. */
  goOnAlone(): void {
    this.#releaseAll()
    this.#pool = this.#pool.partOf(this)
    this.fill()
  }

  /** Its bytes are no longer needed. */
  end(): void {
    clearTimeout(this.#timer)
    this.#releaseAll()
    this.#all.remove(this)
  }

  drop(): void {
    this.end()
    this.#peer.close()
  }

  #check(): MetadataProgress {
    const whole = this.#pool.whole()
    if (hasInfoHash(whole, this.#all.infoHash)) {
      this.end()
      return { whole }
    }
    const isAlone = this.#pool.contributors.size === 1
    if (isAlone) this.end()
    this.#all.split(this.#pool)
    return isAlone ? { wrong: true } : INCOMPLETE
  }

  /** Requests more after a while, unless something else happens before. */
  #wait(ms: number, before: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      before()
      this.fill()
    }, ms)
  }

  #release(piece: number): void {
    if (this.#requested.delete(piece)) this.#pool.released(piece)
  }

  #releaseAll(): void {
    for (const piece of [...this.#requested]) this.#release(piece)
  }
}
