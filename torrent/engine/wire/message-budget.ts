import { OurExtension } from './extension-messages.ts'
import { MessageId } from './messages.ts'

/** How much work without bytes a peer may give us: so much at once, then so much a second. */
const AT_ONCE = 5000
const A_SECOND = 250

/** The trouble we take with one peer's messages; a few bytes of it must not keep us busy. */
export class MessageBudget {
  #left = AT_ONCE
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** False when the peer asks too much. */
  spend(cost: number, now: number): boolean {
    this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#since) * A_SECOND) / 1000) - cost
    this.#since = now
    return this.#left >= 0
  }
}

/**
 * What a message costs. Have, request, cancel and reject are free: looking at one takes no time that
 * counts, and what they make us send is bounded by what the peer reads.
 */
export function messageCost(id: number, body: Uint8Array): number {
  if (id <= MessageId.notInterested) return 20
  if (id === MessageId.bitfield || id === MessageId.haveAll || id === MessageId.haveNone) return 100
  if (id !== MessageId.extended) return 0
  // Of metadata only the head is parsed; handshakes and peer lists are parsed whole.
  return body[0] === OurExtension.utMetadata ? 4 : 4 + body.length / 64
}
