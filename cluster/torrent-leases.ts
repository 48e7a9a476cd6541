import {
  type IndexState,
  Tenure,
  type TorrentLease,
  type TorrentLeasesParts,
} from './torrent-lease.ts'

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

  /** This node can make nothing of that torrent: another one may, as soon as nobody here needs it. */
  leave(infoHash: string): void {
    this.#tenures.get(infoHash)?.leave()
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
