import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { AddressRules } from './address-rules.ts'
import { checkedLookup, RefusedAddress } from './checked-lookup.ts'
import { codingOf, decoded, isKnownCoding } from './content-coding.ts'
import { isForeignUrl, WEB } from './foreign-url.ts'
import { endAtManyInterim } from './interim-responses.ts'
import { locationOf } from './location.ts'
import { LOOP_HEADER } from './loop-header.ts'
import type {
  Outbound,
  OutboundAnswer,
  OutboundRequest,
  OutboundStream,
  OutboundStreams,
} from './outbound.ts'
import { RedirectCookies } from './redirect-cookies.ts'
import { wholeBody } from './whole-body.ts'

const MAX_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MAGNET = /^magnet:\?/i
/** The headers that are sent on to another origin after a redirect: any other can hold a secret. */
const HARMLESS_HEADERS = new Set([
  'accept',
  'accept-language',
  'range',
  'if-range',
  'user-agent',
  LOOP_HEADER,
])

interface OutboundOptions {
  readonly rules: AddressRules
  readonly log: Pick<Log, 'warn' | 'debug'>
  /** The default is the system's (getaddrinfo). */
  readonly lookup?: LookupFunction
  /** Whether the host is blocked, whatever its addresses; the default blocks none. */
  readonly blocks?: (host: string) => boolean
}

/** What is asked, whatever becomes of the body. */
type Asked = Omit<OutboundRequest, 'maxBytes'>

/** @returns also `close`, which ends the running requests and refuses later ones */
export const createOutbound = (
  options: OutboundOptions,
): Outbound & OutboundStreams & { close(): void } => new GuardedOutbound(options)

class GuardedOutbound implements Outbound, OutboundStreams {
  readonly #options: Required<OutboundOptions>
  readonly #running = new Set<AbortController>()
  #closed = false

  constructor(options: OutboundOptions) {
    const lookup = options.lookup ?? (dns.lookup as LookupFunction)
    this.#options = { ...options, lookup, blocks: options.blocks ?? (() => false) }
  }

  mayRedirect(url: string): boolean {
    return isForeignUrl(url, WEB)
  }

  get(url: string, request: OutboundRequest): Promise<OutboundAnswer> {
    return this.#ask(url, request, async (message, ended) => {
      // A redirect to a magnet, whose body does not count.
      const body = message.destroyed ? Buffer.alloc(0) : await bodyOf(message, request.maxBytes)
      // When a body without a length is aborted, node reports a regular end.
      ended.signal.throwIfAborted()
      return answerOf(message, body)
    })
  }

  open(url: string, request: Asked): Promise<OutboundStream> {
    return this.#ask(url, request, async (message) => {
      // Until its body has ended, close() ends it.
      const open = new AbortController()
      open.signal.addEventListener('abort', () => message.destroy())
      this.#running.add(open)
      message.once('close', () => this.#running.delete(open))
      // Told to whoever reads; with nobody there it may not end the process.
      message.on('error', () => {})
      const { status, headers } = answerOf(message, Buffer.alloc(0))
      return { status, headers, body: message }
    })
  }

  close(): void {
    this.#closed = true
    for (const one of this.#running) one.abort(new Error('closed'))
  }

  async #ask<T>(
    url: string,
    request: Asked,
    take: (message: http.IncomingMessage, ended: AbortController) => Promise<T>,
  ): Promise<T> {
    const ended = new AbortController()
    const stop = (): void => ended.abort(request.signal.reason)
    // One timer for everything, from the look-up to what is taken: a trickle of bytes does not extend
    // it.
    const late = (): void => ended.abort(new Error(`no answer in ${request.timeoutMs} ms`))
    const timer = setTimeout(late, request.timeoutMs)
    request.signal.addEventListener('abort', stop)
    this.#running.add(ended)
    try {
      if (this.#closed) ended.abort(new Error('closed'))
      if (request.signal.aborted) stop()
      return await take(await follow(url, request, ended.signal, this.#options), ended)
    } catch (thrown) {
      const reason = ended.signal.aborted ? ended.signal.reason : thrown
      throw asOutboundFault(reason, url, this.#options.log)
    } finally {
      clearTimeout(timer)
      request.signal.removeEventListener('abort', stop)
      this.#running.delete(ended)
    }
  }
}

function asOutboundFault(thrown: unknown, url: string, log: OutboundOptions['log']): Fault {
  const refused = thrown instanceof RefusedAddress
  const code = refused ? 'OUTBOUND_REFUSED' : 'UPSTREAM_FAILED'
  const fault = thrown instanceof Fault ? thrown : new Fault(code, {}, { cause: thrown })
  // The host only: paths and queries hold keys.
  const host = URL.parse(url)?.host
  const reason = fault.cause instanceof Error ? fault.cause.message : undefined
  if (fault.code === 'OUTBOUND_REFUSED') log.warn({ host, reason }, 'outbound request refused')
  else log.debug({ host, reason }, 'outbound request failed')
  return fault
}

async function follow(
  first: string,
  request: Asked,
  signal: AbortSignal,
  options: Required<OutboundOptions>,
): Promise<http.IncomingMessage> {
  let url = first
  let headers = request.headers ?? {}
  const cookies = new RedirectCookies()
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    signal.throwIfAborted()
    if (!isForeignUrl(url, WEB)) {
      throw new Fault('OUTBOUND_REFUSED', {}, { cause: new Error('not a plain http or https URL') })
    }
    const from = new URL(url)
    if (options.blocks(from.hostname)) {
      throw new Fault('OUTBOUND_REFUSED', {}, { cause: new Error('the host is on the blocklist') })
    }
    const message = await ask(from, cookies.addTo(headers, from), signal, options)
    const { location } = message.headers
    if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined) return message
    message.destroy()
    cookies.take(from, message.headers['set-cookie'])
    if (MAGNET.test(location)) return message
    const to = new URL(locationOf(location), from)
    if (to.origin !== from.origin) headers = harmless(headers)
    url = to.href
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects`)
}

/** Connects to a checked address and waits for the headers. */
function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  { rules, lookup }: Required<OutboundOptions>,
): Promise<http.IncomingMessage> {
  const tls = url.protocol === 'https:'
  const port = Number(url.port || (tls ? 443 : 80))
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // A socket does not look up a literal address, so it is checked here.
  if (isIP(host) !== 0 && !rules.allows(host, port)) throw new RefusedAddress(host, port)
  return new Promise((resolve, reject) => {
    const outgoing = (tls ? https : http).request(url, {
      agent: false,
      // Old trackers and indexers end lines without CR, or put odd characters in headers. A connection has one
      // answer, so nothing that is read otherwise than it was meant belongs to another request.
      insecureHTTPParser: true,
      signal,
      lookup: checkedLookup(rules, port, lookup),
      headers: { 'user-agent': 'Playlink', ...headers, 'accept-encoding': 'identity' },
    })
    endAtManyInterim(outgoing)
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.on('upgrade', (_message, socket) => socket.destroy())
    outgoing.on('close', () => reject(new Error('closed without an answer')))
    outgoing.end()
  })
}

async function bodyOf(message: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const coding = codingOf(message.headers['content-encoding'])
  const announced = Number(message.headers['content-length'] ?? 0)
  let body: Buffer
  try {
    if (!isKnownCoding(coding)) throw new Error('a body in a coding that is not known')
    if (announced > maxBytes) throw new Error(`a body of ${announced} bytes, ${maxBytes} at most`)
    const tooLong = () => new Error(`a body of more than ${maxBytes} bytes`)
    body = await wholeBody(message, maxBytes, tooLong)
  } finally {
    message.destroy()
  }
  // Some servers send nothing else, whatever is asked for.
  return decoded(body, coding, maxBytes)
}

function answerOf(message: http.IncomingMessage, body: Buffer): OutboundAnswer {
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { status: message.statusCode ?? 0, headers, body }
}

const harmless = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => HARMLESS_HEADERS.has(name.toLowerCase())),
  )
