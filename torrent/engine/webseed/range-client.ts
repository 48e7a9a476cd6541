import http from 'node:http'
import https from 'node:https'
import { codingOf } from '../../../common/network/content-coding.ts'
import { isForeignUrl, WEB } from '../../../common/network/foreign-url.ts'
import { endAtManyInterim } from '../../../common/network/interim-responses.ts'
import { locationOf } from '../../../common/network/location.ts'

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** The body of a redirect is read, to keep the connection, when it has at most so many bytes. */
const SHORT_BODY_BYTES = 16 * 1024
const STALL_MS = 20_000
/** What an answer may begin before what was asked for: it is read for nothing. */
const MOST_LEAD = 1 << 20
/** An answer that ends early after so many bytes brought something: the rest is asked for at once. */
const WORTH_BYTES = 16 * 1024

/** `missing`: the server does not have this file, or another one; `temporary`: ask again later. */
export class WebSeedError extends Error {
  readonly kind: 'missing' | 'temporary'
  constructor(kind: 'missing' | 'temporary', message: string) {
    super(message)
    this.kind = kind
  }
}

/** Bytes `start` to `end` (exclusive) of a file of `size` bytes. */
export interface FileRange {
  readonly start: number
  readonly end: number
  readonly size: number
}

/**
 * Requests ranges of files (RFC 9110 14) from one web server, over connections that are kept open.
 */
export class RangeClient {
  readonly #agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent }
  /** Where a URL was redirected to: large archives name another machine for each of their items. */
  readonly #redirected = new Map<string, string>()
  #ignoresRanges = false

  /** @param connections the most at the same time */
  constructor(connections: number) {
    const options = { keepAlive: true, maxSockets: connections }
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }
  }

  /** The server has answered a range with the whole file; RFC 9110 14.2 allows that. */
  get ignoresRanges(): boolean {
    return this.#ignoresRanges
  }

  /**
   * Reads no more than the range, asking again for what an answer leaves out. Addresses are checked when the process connects
   * (common/network/process-guard.ts); here the text of every redirect is checked.
   * @throws WebSeedError, and the errors of the connection
   */
  async *range(url: string, range: FileRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    let from = range.start
    while (from < range.end) {
      const before = from
      try {
        for await (const bytes of this.#part(url, { ...range, start: from }, signal)) {
          from += bytes.length
          yield bytes
        }
      } catch (error) {
        if (signal.aborted || from - before < WORTH_BYTES) throw error
      }
      if (from === before) throw new WebSeedError('temporary', 'an answer without bytes')
    }
  }

  /** The range, or its beginning: a server may send less than it was asked for (RFC 9110 15.3.7). */
  async *#part(url: string, range: FileRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { start, size } = range
    const wasElsewhere = this.#redirected.has(url)
    const asked = `bytes=${start}-${range.end - 1}`
    const message = await this.#follow(url, asked, signal).catch((error: unknown) => {
      throw this.#failed(url, wasElsewhere, error)
    })
    try {
      let skip = bytesToSkip(message, start, size)
      const end = Math.min(range.end, endOf(message))
      if (message.statusCode === 200) this.#ignoresRanges = true
      let left = end - start
      for await (const chunk of message as AsyncIterable<Buffer>) {
        if (left === 0) return
        if (chunk.length <= skip) {
          skip -= chunk.length
          continue
        }
        const bytes = chunk.subarray(skip, skip + left)
        skip = 0
        left -= bytes.length
        yield bytes
      }
      if (left > 0) throw new WebSeedError('temporary', `${left} bytes short`)
    } catch (error) {
      throw this.#failed(url, wasElsewhere, error)
    } finally {
      // A connection whose answer was read to the end is used again for the next range.
      if (!message.complete) message.destroy()
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  /** Where it was redirected to before is not where it would be now: such addresses expire. */
  #failed(url: string, wasElsewhere: boolean, error: unknown): unknown {
    this.#redirected.delete(url)
    const isOfOld = wasElsewhere && error instanceof WebSeedError
    return isOfOld ? new WebSeedError('temporary', error.message) : error
  }

  async #follow(first: string, range: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    let url = this.#redirected.get(first) ?? first
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      signal.throwIfAborted()
      if (!isForeignUrl(url, WEB)) throw new WebSeedError('missing', 'not an http or https URL')
      const message = await this.#get(new URL(url), range, signal)
      const { location } = message.headers
      if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined) {
        if (url !== first) this.#redirected.set(first, url)
        return message
      }
      // The connection can only be used again when the body was read to the end.
      message.on('error', () => {})
      if (Number(message.headers['content-length']) <= SHORT_BODY_BYTES) message.resume()
      else message.destroy()
      url = new URL(locationOf(location), url).href
    }
    throw new WebSeedError('temporary', `more than ${MAX_REDIRECTS} redirects`)
  }

  #get(url: URL, range: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const tls = url.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const outgoing = (tls ? https : http).get(url, {
        agent: this.#agents[tls ? 'https:' : 'http:'],
        signal,
        timeout: STALL_MS,
        headers: { 'user-agent': 'Playlink', 'accept-encoding': 'identity', range },
      })
      endAtManyInterim(outgoing)
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.on('timeout', () => outgoing.destroy(new Error('no bytes for too long')))
    })
  }
}

/** RFC 9110 14.4. Some servers write the unit in capitals, with `=` as in a request, or leave it out. */
const RANGE_OF_ANSWER = /^(?:bytes[ =])? ?(\d+) ?- ?(\d+) ?\/ ?(\d+|\*)$/i

/** Where the range in the answer ends (exclusive), as its Content-Range says; else Infinity. */
function endOf({ statusCode, headers }: http.IncomingMessage): number {
  if (statusCode !== 206) return Infinity
  const [, , last] = RANGE_OF_ANSWER.exec(headers['content-range'] ?? '') ?? []
  return last === undefined ? Infinity : Number(last) + 1
}

/**
 * Bytes of the body before the requested range.
 * @throws WebSeedError unless they are of this file
 */
function bytesToSkip(message: http.IncomingMessage, start: number, size: number): number {
  const { statusCode = 0, headers } = message
  if (statusCode === 404 || statusCode === 410 || statusCode === 416) {
    throw new WebSeedError('missing', `status ${statusCode}`)
  }
  if (statusCode !== 200 && statusCode !== 206) {
    throw new WebSeedError('temporary', `status ${statusCode}`)
  }
  if (codingOf(headers['content-encoding']) !== 'identity') {
    throw new WebSeedError('missing', 'encoded')
  }
  if (statusCode === 200) {
    const length = headers['content-length']
    if (length !== undefined && Number(length) !== size) {
      throw new WebSeedError('missing', 'another size')
    }
    return start
  }
  const [, first, last, total] = RANGE_OF_ANSWER.exec(headers['content-range'] ?? '') ?? []
  // It may begin before; one that ends before it is none, and nothing of it would ever be enough.
  const lead = start - Number(first)
  const isRange = lead >= 0 && lead <= MOST_LEAD && Number(last) >= start
  if (!isRange || (total !== '*' && Number(total) !== size)) {
    throw new WebSeedError('missing', 'another range')
  }
  return lead
}
