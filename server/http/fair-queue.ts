import type { RequestListener } from 'node:http'
import type { Request } from 'express'
import { addressGroup } from '../../common/network/address-group.ts'
import type { ClientAddress } from './trusted-proxy.ts'

/** Milliseconds of a turn of the event loop in which requests of one address may begin. */
const SHARE_MS = 1

/** What an address has of the turn that runs. */
interface Share {
  usedMs: number
  /** Those that begin in a later turn, in their order. */
  readonly waiting: (() => void)[]
  /** It began something in this turn, or waits. */
  isActive: boolean
}

/** Addresses that are remembered without having begun anything: of more, those are forgotten. */
const MOST_IDLE = 1000

export interface FairQueueOptions {
  readonly shareMs?: number
  readonly clock?: { now(): number }
}

/**
 * Lets no address have a turn of the event loop for itself: a hundred connections that ask for pages
 * at once would make everybody else wait for a hundred pages. Requests begin as they come until their
 * address has used its share of the turn; the others begin in the next turns, as many as the share
 * allows, so that one of another address waits for a share and not for them all.
 *
 * What runs between two beginnings is put down to the first: what a request does after an `await` that
 * nothing delays is its own work too. It may be others' work as well, which costs an address a turn.
 */
export class FairQueue {
  readonly #shareMs: number
  readonly #clock: { now(): number }
  /**
   * Also of addresses that have nothing here: a map that one address comes to and goes from in each turn
   * leaves a chain of old tables, which only a full collection ends.
   */
  readonly #shares = new Map<string, Share>()
  /** Those that are active, in the order they became so. */
  readonly #active: Share[] = []
  readonly #next = (): void => this.#nextIteration()
  #running: Share | undefined
  #since = 0

  constructor({ shareMs = SHARE_MS, clock = performance }: FairQueueOptions = {}) {
    this.#shareMs = shareMs
    this.#clock = clock
  }

  /** Calls `request` now, or in a later turn when its address has had its share of this one. */
  begin(address: string, request: () => void): void {
    const share = this.#shareOf(address)
    this.#putDown()
    if (share.waiting.length > 0 || share.usedMs >= this.#shareMs) share.waiting.push(request)
    else this.#run(share, request)
  }

  /**
   * Resolves in a later turn, one at a time: for requests that all waited for the same, which would
   * go on in one breath.
   */
  goOn(address: string): Promise<void> {
    return new Promise((resolve) => this.#shareOf(address).waiting.push(resolve))
  }

  #shareOf(address: string): Share {
    const share = this.#shares.get(address) ?? this.#remember(address)
    if (!share.isActive) {
      share.isActive = true
      if (this.#active.length === 0) setImmediate(this.#next)
      this.#active.push(share)
    }
    return share
  }

  #remember(address: string): Share {
    if (this.#shares.size >= this.#active.length + MOST_IDLE) {
      for (const [other, { isActive }] of this.#shares) if (!isActive) this.#shares.delete(other)
    }
    const share: Share = { usedMs: 0, waiting: [], isActive: false }
    this.#shares.set(address, share)
    return share
  }

  #run(share: Share, request: () => void): void {
    this.#running = share
    request()
  }

  #putDown(): void {
    const now = this.#clock.now()
    if (this.#running) this.#running.usedMs += now - this.#since
    this.#since = now
  }

  #nextIteration(): void {
    this.#running = undefined
    const active = this.#active
    let left = 0
    for (const share of active) {
      share.usedMs = 0
      share.isActive = share.waiting.length > 0
      if (share.isActive) active[left++] = share
    }
    active.length = left
    if (left === 0) return
    setImmediate(this.#next)
    this.#beginWaiting(0)
  }

  /** One of the active share at `from`, or of the next that has some left; then on, when that has run. */
  #beginWaiting(from: number): void {
    this.#putDown()
    for (let at = from; at < this.#active.length; at++) {
      const share = this.#active[at]
      const request = share && share.usedMs < this.#shareMs ? share.waiting.shift() : undefined
      if (!share || !request) continue
      // A tick that a microtask asks for comes after all other microtasks.
      queueMicrotask(() => process.nextTick(() => this.#beginWaiting(at)))
      this.#run(share, request)
      return
    }
  }
}

/** The app's setting that those behind find the queue by. */
export const FAIR_QUEUE = 'fair queue'

/** Requests begin in their address' turn: that of the client, not of a proxy that TRUST_PROXY names. */
export function inFairOrder(
  listener: RequestListener,
  clientAddress: ClientAddress,
  queue: FairQueue,
): RequestListener {
  return (req, res) => {
    queue.begin(addressGroup(clientAddress(req)), () => {
      // Gone while it waited: nobody takes an answer.
      if (!req.socket.destroyed) listener(req, res)
    })
  }
}

/**
 * Before work on what many requests may have waited for: resolves when it is this one's turn, at once
 * in an app without turns.
 */
export async function goOnFairly(req: Request): Promise<void> {
  const queue: unknown = req.app.get(FAIR_QUEUE)
  if (queue instanceof FairQueue) await queue.goOn(addressGroup(req.ip ?? ''))
}
