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

/**
 * What a message costs. Have, request, cancel and reject are free: reading one takes next to no
 * time, and what we send because of them is limited by what the peer reads.
 */
export function messageCost(id: number, body: Uint8Array): number {
  if (id <= MessageId.notInterested) return 20
  // A node of the DHT, which may be asked whether it is there.
  if (id === MessageId.port) return 200
  if (id === MessageId.bitfield || id === MessageId.haveAll || id === MessageId.haveNone) return 100
  if (id > MessageId.extended) return 4 + body.length / 64
  if (id !== MessageId.extended) return 0
  // Of a metadata message only the first bytes are parsed; handshakes and peer lists are parsed
  // whole.
  return body[0] === OurExtension.utMetadata ? 4 : 4 + body.length / 64
}
