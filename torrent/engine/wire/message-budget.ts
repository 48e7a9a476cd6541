import { OurExtension } from './extension-messages.ts'
import { MessageId } from './peer-messages.ts'

/** A token bucket: this much work at once, and then this much a second. */
const BURST = 5000
const REFILL_PER_SECOND = 250

/**
 * Limits the work that one peer's messages cause, apart from bytes of blocks: a few bytes a message
 * must not keep the process busy.
 */
export class MessageBudget {
  #left = BURST
  #refilledAt: number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: number) {
    this.#refilledAt = now
  }

  /** False when the peer has used up its budget: close the connection. */
  spend(cost: number, now: number): boolean {
    const refill = ((now - this.#refilledAt) * REFILL_PER_SECOND) / 1000
    this.#left = Math.min(BURST, this.#left + refill) - cost
    this.#refilledAt = now
    return this.#left >= 0
  }
}

/** A message that says nothing: a keep-alive, a piece that it had, an answer to none of ours. */
export const IDLE_COST = 1

/** Of what we asked for, and what says something. */
const FREE: ReadonlySet<number> = new Set([
  MessageId.have,
  MessageId.request,
  MessageId.piece,
  MessageId.reject,
])
/** A request that we refuse: some ask again at once for what does not fit into our queue. */
export const REFUSED_COST = 0.25

/**
 * What a message costs by itself. Have, request and reject are free as long as they say something (IDLE_COST): of
 * each piece once, as fast as we upload, and once for each of our requests.
 */
export function messageCost(id: number, body: Uint8Array): number {
  if (id <= MessageId.notInterested) return 20
  if (FREE.has(id)) return 0
  if (id === MessageId.cancel) return 0.5
  if (id === MessageId.suggest) return 1
  if (id === MessageId.allowedFast) return 5
  // A node of the DHT, which may be asked whether it is there.
  if (id === MessageId.port) return 200
  if (id === MessageId.bitfield || id === MessageId.haveAll || id === MessageId.haveNone) return 100
  if (id > MessageId.extended) return 4 + body.length / 64
  if (id !== MessageId.extended) return 4
  // Of a metadata message only the first bytes are parsed; handshakes and peer lists are parsed
  // whole.
  return body[0] === OurExtension.utMetadata ? 4 : 4 + body.length / 64
}

/** What a peer may still send: an answer to each of our requests, and other messages within a budget. */
export class PeerAccount {
  readonly #budget = new MessageBudget(performance.now())
  readonly #close: () => void
  /** One for each request: a cancelled one may be on its way. */
  #blocks = 0
  #rejects = 0

  /** @param close called when it sends more */
  constructor(close: () => void) {
    this.#close = close
  }

  requested(): void {
    this.#blocks++
    this.#rejects++
  }

  /** False of a block that was not requested: it would take up our bandwidth for as long as it likes. */
  blockBegins(): boolean {
    const isRequested = this.#blocks-- > 0
    if (!isRequested) this.#close()
    return isRequested
  }

  rejected(): boolean {
    if (this.#rejects === 0) return this.charge(IDLE_COST)
    this.#rejects--
    return true
  }

  charge(cost: number): boolean {
    const isWithin = this.#budget.spend(cost, performance.now())
    if (!isWithin) this.#close()
    return isWithin
  }
}
