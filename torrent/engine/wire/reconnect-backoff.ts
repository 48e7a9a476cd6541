/** How far a connection got: nothing, TCP connected, or both BitTorrent handshakes done (BEP 3). */
export type ConnectionStage = 'connecting' | 'connected' | 'handshaken'

/** Pauses before a peer that answered the handshake is connected to again, in milliseconds. */
const RETRY_MS = [1000, 5000, 15_000, 60_000]
/** After so many connections without an answer to the handshake, the address is left alone. */
const MAX_UNANSWERED = 3
/** A connection that lasted this long resets the back-off of its address. */
const GOOD_MS = 30_000
const MAX_ADDRESSES = 2000

interface History {
  retries: number
  unanswered: number
  banned: boolean
}

/** Remembers how connections to each address ended, and decides if and when to try it again. */
export class ReconnectBackoff {
  /** By address; the oldest first. */
  readonly #histories = new Map<string, History>()

  mayConnect(address: string): boolean {
    const history = this.#histories.get(address)
    return !history || (!history.banned && history.unanswered < MAX_UNANSWERED)
  }

  /**
   * Answers after how many milliseconds to connect again. Undefined: not by ourselves, only when
   * somebody tells us the address again.
   */
  connectionEnded(address: string, stage: ConnectionStage, lastedMs: number): number | undefined {
    if (stage === 'connecting') return undefined
    if (stage === 'handshaken' && lastedMs >= GOOD_MS) this.succeeded(address)
    const history = this.#of(address)
    if (stage === 'connected') history.unanswered++
    if (stage === 'connected' || history.banned) return undefined
    return RETRY_MS[Math.min(history.retries++, RETRY_MS.length - 1)]
  }

  /** Never connect again: it is ourselves, is in another torrent, or sent wrong bytes. */
  ban(address: string): void {
    this.#of(address).banned = true
  }

  /** A connection of any kind to this address was a good one: its failures are forgotten. */
  succeeded(address: string): void {
    if (this.#histories.get(address)?.banned === false) this.#histories.delete(address)
  }

  /** Every address that is not banned may be tried at once. */
  reset(): void {
    for (const [address, { banned }] of this.#histories) {
      if (!banned) this.#histories.delete(address)
    }
  }

  #of(address: string): History {
    const known = this.#histories.get(address)
    if (known) return known
    const history: History = { retries: 0, unanswered: 0, banned: false }
    this.#histories.set(address, history)
    const oldest = this.#histories.keys().next().value
    if (this.#histories.size > MAX_ADDRESSES && oldest !== undefined) {
      this.#histories.delete(oldest)
    }
    return history
  }
}
