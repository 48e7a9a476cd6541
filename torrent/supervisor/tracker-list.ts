import type { Log } from '../../common/log.ts'
import { keepUrls, TRACKER } from '../../common/network/foreign-url.ts'
import type { Outbound } from '../../common/network/outbound.ts'

/** Of all public torrents: each of them asks all of these. */
const MAX_EXTRA = 30
const MAX_BYTES = 256 * 1024
const ANSWER_MS = 15_000
const DAY_MS = 86_400_000
const RETRY_MS = 600_000

interface Deps {
  /** Trackers, and addresses of lists of them. */
  readonly trackers: readonly string[]
  readonly lists: readonly string[]
  readonly outbound: Pick<Outbound, 'get'>
  readonly log: Log
  /** Told of all that are known, as soon as they are. */
  changed(trackers: readonly string[]): void
}

/** The trackers that TRACKERS names for public torrents; lists are asked for once a day. */
export class TrackerList {
  readonly #deps: Deps
  readonly #end = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #asking: Promise<void> | undefined

  constructor(deps: Deps) {
    this.#deps = deps
    if (deps.trackers.length > 0) deps.changed(deps.trackers.slice(0, MAX_EXTRA))
    if (deps.lists.length > 0) this.#ask()
  }

  async close(): Promise<void> {
    this.#end.abort(new Error('closed'))
    clearTimeout(this.#timer)
    await this.#asking
  }

  #ask(): void {
    this.#asking = this.#askAll().then((allAnswered) => {
      if (this.#end.signal.aborted) return
      this.#timer = setTimeout(() => this.#ask(), allAnswered ? DAY_MS : RETRY_MS)
    })
  }

  /** Answers whether all lists did; never rejects. */
  async #askAll(): Promise<boolean> {
    const { trackers, lists, outbound, log, changed } = this.#deps
    const request = { signal: this.#end.signal, timeoutMs: ANSWER_MS, maxBytes: MAX_BYTES }
    const answers = await Promise.allSettled(
      lists.map(async (url) => {
        const { status, body } = await outbound.get(url, request)
        if (status !== 200) throw new Error(`status ${status}`)
        return body.toString('utf8').split(/\s+/)
      }),
    )
    const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    const failed = answers.filter((one) => one.status === 'rejected').length
    if (failed > 0 && !this.#end.signal.aborted) log.warn({ failed }, 'a list of trackers failed')
    if (found.length > 0) changed(keepUrls([...trackers, ...found], TRACKER, MAX_EXTRA))
    return failed === 0
  }
}
