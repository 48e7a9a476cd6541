import http from 'node:http'
import https from 'node:https'
import { isForeignUrl, WEB } from '../../../common/network/foreign-url.ts'

const MAX_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const SHORT_BODY = 16 * 1024
const STALL_MS = 20_000

/** `missing`: this file is not there, or is another one; `later`: the server may do better. */
export class WebSeedError extends Error {
  readonly kind: 'missing' | 'later'
  constructor(kind: 'missing' | 'later', message: string) {
    super(message)
    this.kind = kind
  }
}

/** The connections to one web server; kept open from one range to the next. */
export interface RangeClient {
  /**
   * Bytes `start` to `end` (exclusive) of a file of `size`. The process' guard checks every address
   * (common/network/process-guard.ts), the text of every redirect is checked here. No more than asked for is read.
   * @throws WebSeedFault, and whatever the connection fails with
   */
  range(
    url: string,
    range: { readonly start: number; readonly end: number; readonly size: number },
    signal: AbortSignal,
  ): AsyncGenerator<Buffer>
  /** It answers ranges with the whole file (RFC 9110 14.2 allows that). */
  readonly ignoresRanges: boolean
  close(): void
}

export function createRangeClient(connections: number): RangeClient {
  const how = { keepAlive: true, maxSockets: connections }
  const agents = { 'http:': new http.Agent(how), 'https:': new https.Agent(how) }
  /** Where redirects led: a large archive names a machine for each of its items. */
  const led = new Map<string, string>()
  let wholeOnly = false

  async function ask(url: string, range: string, signal: AbortSignal) {
    let at = led.get(url) ?? url
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      signal.throwIfAborted()
      if (!isForeignUrl(at, WEB)) throw new WebSeedError('missing', 'not an address to go to')
      const message = await get(new URL(at), range, signal)
      const { location } = message.headers
      if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined) {
        if (at !== url) led.set(url, at)
        return message
      }
      // Read to its end the connection serves on; what may be long is not read.
      message.on('error', () => {})
      if (Number(message.headers['content-length']) <= SHORT_BODY) message.resume()
      else message.destroy()
      at = new URL(location, at).href
    }
    throw new WebSeedError('later', `more than ${MAX_REDIRECTS} redirects`)
  }

  function get(url: URL, range: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const tls = url.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const outgoing = (tls ? https : http).get(url, {
        ...{ agent: agents[tls ? 'https:' : 'http:'], signal, timeout: STALL_MS },
        headers: { 'user-agent': 'Playlink', 'accept-encoding': 'identity', range },
      })
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.on('timeout', () => outgoing.destroy(new Error('no bytes for too long')))
    })
  }

  return {
    async *range(url, { start, end, size }, signal) {
      const message = await ask(url, `bytes=${start}-${end - 1}`, signal)
      try {
        let skip = checkedStart(message, start, size)
        if (message.statusCode === 200) wholeOnly = true
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
        if (left > 0) throw new WebSeedError('later', `${left} bytes short`)
      } catch (error) {
        led.delete(url)
        throw error
      } finally {
        // Unless all was read; then the connection is the next range's.
        if (!message.complete) message.destroy()
      }
    },
    get ignoresRanges() {
      return wholeOnly
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

/** How many bytes come before those asked for. @throws WebSeedFault unless they are this file's */
function checkedStart(message: http.IncomingMessage, start: number, size: number): number {
  const { statusCode = 0, headers } = message
  if (statusCode === 404 || statusCode === 410 || statusCode === 416) {
    throw new WebSeedError('missing', `status ${statusCode}`)
  }
  if (statusCode !== 200 && statusCode !== 206) {
    throw new WebSeedError('later', `status ${statusCode}`)
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new WebSeedError('missing', 'encoded')
  }
  if (statusCode === 200) {
    const length = headers['content-length']
    if (length !== undefined && Number(length) !== size) {
      throw new WebSeedError('missing', 'another size')
    }
    return start
  }
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  if (Number(first) !== start || (total !== '*' && Number(total) !== size)) {
    throw new WebSeedError('missing', 'another range')
  }
  return 0
}
