import type { Express, Request, RequestHandler } from 'express'
import { addressGroup } from '../../common/network/address-group.ts'

/** Milliseconds of a turn of the event loop in which requests of one address may begin. */
const SHARE_MS = 1

/** What an address has of the turn that runs. */
interface Share {
  usedMs: number
  /** Those that begin in a later turn, in their order. */
  readonly waiting: (() => void)[]
}

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
  /** Of the addresses that began something in this turn, or wait. */
  readonly #shares = new Map<string, Share>()
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
    if (this.#shares.size === 0) setImmediate(() => this.#nextIteration())
    const share = this.#shares.get(address) ?? { usedMs: 0, waiting: [] }
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
    for (const [address, share] of this.#shares) {
      share.usedMs = 0
      if (share.waiting.length === 0) this.#shares.delete(address)
    }
    if (this.#shares.size === 0) return
    setImmediate(() => this.#nextIteration())
    this.#beginWaiting(this.#shares.values())
  }

  /** One of `share`, or of the next that has some of its share left; then on, when that has run. */
  #beginWaiting(shares: Iterator<Share, undefined>, first?: Share): void {
    this.#putDown()
    for (let share = first ?? shares.next().value; share; share = shares.next().value) {
      const request = share.usedMs < this.#shareMs ? share.waiting.shift() : undefined
      if (!request) continue
      // A tick that a microtask asks for comes after all other microtasks.
      queueMicrotask(() => process.nextTick(() => this.#beginWaiting(shares, share)))
      this.#run(share, request)
      return
    }
  }
}

/** Who takes turns: the client's address, behind a proxy that TRUST_PROXY names the true client's. */
const addressOf = (req: Request): string => addressGroup(req.ip ?? '')

/** The app's setting that those behind find the queue by. */
const SETTING = 'fair queue'

/** The app's first handler: those behind it begin in their address' turn. */
export function inFairOrder(app: Express, queue = new FairQueue()): RequestHandler {
  app.set(SETTING, queue)
  return (req, _res, next) => {
    queue.begin(addressOf(req), () => {
      // Gone while it waited: nobody takes an answer.
      if (!req.socket.destroyed) next()
    })
  }
}

/**
 * Before work on what many requests may have waited for: resolves when it is this one's turn, at once
 * in an app without turns.
 */
export async function goOnFairly(req: Request): Promise<void> {
  const queue: unknown = req.app.get(SETTING)
  if (queue instanceof FairQueue) await queue.goOn(addressOf(req))
}
