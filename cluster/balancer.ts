import http from 'node:http'
import https from 'node:https'
import { z } from 'zod'
import type { CacheIndex } from '../cache/index/cache-index.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { wholeBody } from '../common/network/whole-body.ts'
import type { Title } from '../common/title.ts'
import { type Ahead, aheadPath } from './node-path.ts'
import { ASKED_HEADER, MOST_SKEW_MS, type Signatures } from './signature.ts'

/** What a node answers that was asked to fetch ahead. */
export interface AheadAnswer {
  /** What was asked for is there now. False: it gave way to plays, or failed. */
  readonly fetched: boolean
}

/** How long a node works at most on what it was asked for, in milliseconds. */
export const MOST_WORK_MS = 60_000
/** Longer than that work, shorter than our balancers wait (deploy/cluster/). */
const MOST_WAIT_MS = 65_000
const MAX_ANSWER_BYTES = 1024

const answerShape = z.object({ fetched: z.boolean() })

export interface BalancerParts {
  /** Base of the URLs that go through the balancer; undefined: there is none. */
  readonly url: string | undefined
  readonly signatures: Pick<Signatures, 'signToAnybody' | 'verifyToAnybody'>
  readonly index: Pick<CacheIndex, 'writeValue'>
  readonly log: Log
  /** Milliseconds; tests shorten it. */
  readonly waitMs?: number
}

/**
 * The way to the node that will get a play. Which one that is only the balancer knows, so it is asked
 * through it, by an address with the same `s` (docs/decisions/0045).
 */
export class Balancer {
  readonly #parts: BalancerParts
  /** It was of no use the last time. */
  #isAway = false

  constructor(parts: BalancerParts) {
    this.#parts = parts
  }

  /**
   * Has the node that the balancer names for that source fetch ahead; that may be this one. Resolves with whether
   * it is there, and undefined where nobody could be asked. Never rejects.
   */
  async fetchAhead(
    title: Title,
    source: { readonly number: number; readonly key: string },
    what: Ahead,
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    const { url, log } = this.#parts
    if (url === undefined) return undefined
    try {
      const answer = await this.#ask(url, aheadPath(title, source, what), signal)
      this.#isAway = false
      return answer.fetched
    } catch (error) {
      if (signal.aborted) return undefined
      const level = this.#isAway ? 'debug' : 'warn'
      log[level](
        { err: error },
        'not asked through the balancer (BALANCER_URL): fetched ahead here',
      )
      this.#isAway = true
      return undefined
    }
  }

  /**
   * Takes what a node asked of whichever node got it.
   * @returns false: the index is away, so nobody knows whether another node took it too
   * @throws Fault NODE_SIGNATURE, NODE_CLOCK
   */
  async accept(header: string, target: string): Promise<boolean> {
    const { signatures, index, log } = this.#parts
    const { node, nonce } = signatures.verifyToAnybody(header, target)
    const isFirst = await index
      .writeValue(`asked:${nonce}`, { node }, 0, 2 * MOST_SKEW_MS)
      .catch((error: unknown) => {
        log.debug({ err: error }, 'nothing is fetched ahead for other nodes: the index is away')
        return undefined
      })
    if (isFirst === false) throw new Fault('NODE_SIGNATURE')
    return isFirst === true
  }

  async #ask(base: string, target: string, signal: AbortSignal): Promise<AheadAnswer> {
    const { request } = base.startsWith('https:') ? https : http
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    const headers = { [ASKED_HEADER]: this.#parts.signatures.signToAnybody(target) }
    const asked = request(base + target, { agent: false, headers, signal }, resolve)
    const late = (): void => void asked.destroy(new Error('no answer in time'))
    const timer = setTimeout(late, this.#parts.waitMs ?? MOST_WAIT_MS)
    asked.on('error', reject).end()
    try {
      const answer = await promise
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`)
      const body = await wholeBody(answer, MAX_ANSWER_BYTES, tooLong)
      return answerShape.parse(JSON.parse(body.toString()))
    } finally {
      clearTimeout(timer)
      asked.destroy()
    }
  }
}

const tooLong = (): Error => new Error('too long for an answer')
