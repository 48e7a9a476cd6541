import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import type { AddressRules } from './address-rules.ts'
import { checkedLookup, RefusedAddress } from './checked-lookup.ts'
import { isForeignUrl, WEB } from './foreign-url.ts'
import { LOOP_HEADER } from './loop-header.ts'
import type { Outbound, OutboundAnswer, OutboundRequest } from './outbound.ts'

const MAX_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MAGNET = /^magnet:\?/i
/** The headers that are sent on to another origin after a redirect: any other can hold a secret. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-language', 'user-agent', LOOP_HEADER])

interface OutboundOptions {
  readonly rules: AddressRules
  readonly log: Log
  /** The default is the system's (getaddrinfo). */
  readonly lookup?: LookupFunction
  /** Whether the host is blocked, whatever its addresses; the default blocks none. */
  readonly blocks?: (host: string) => boolean
}

/** @returns also `close`, which ends the running requests and refuses later ones */
export function createOutbound(options: OutboundOptions): Outbound & { close(): void } {
  const lookup = options.lookup ?? (dns.lookup as LookupFunction)
  const blocks = options.blocks ?? (() => false)
  const running = new Set<AbortController>()
  let closed = false
  return {
    mayRedirect: (url) => isForeignUrl(url, WEB),
    async get(url, request) {
      const ended = new AbortController()
      const stop = (): void => ended.abort(request.signal.reason)
      // One timer for everything, from the look-up to the body: a trickle of bytes does not extend
      // it.
      const late = (): void => ended.abort(new Error(`no answer in ${request.timeoutMs} ms`))
      const timer = setTimeout(late, request.timeoutMs)
      request.signal.addEventListener('abort', stop)
      running.add(ended)
      try {
        if (closed) ended.abort(new Error('closed'))
        if (request.signal.aborted) stop()
        return await follow(url, request, ended.signal, { ...options, lookup, blocks })
      } catch (thrown) {
        throw asOutboundFault(ended.signal.aborted ? ended.signal.reason : thrown, url, options.log)
      } finally {
        clearTimeout(timer)
        request.signal.removeEventListener('abort', stop)
        running.delete(ended)
      }
    },
    close() {
      closed = true
      for (const one of running) one.abort(new Error('closed'))
    },
  }
}

function asOutboundFault(thrown: unknown, url: string, log: Log): Fault {
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
  request: OutboundRequest,
  signal: AbortSignal,
  options: Required<OutboundOptions>,
): Promise<OutboundAnswer> {
  let url = first
  let headers = request.headers ?? {}
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    signal.throwIfAborted()
    if (!isForeignUrl(url, WEB)) {
      throw new Fault('OUTBOUND_REFUSED', {}, { cause: new Error('not a plain http or https URL') })
    }
    const from = new URL(url)
    if (options.blocks(from.hostname)) {
      throw new Fault('OUTBOUND_REFUSED', {}, { cause: new Error('the host is on the blocklist') })
    }
    const message = await ask(from, headers, signal, options)
    const { location } = message.headers
    if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined) {
      const body = await bodyOf(message, request.maxBytes)
      // When a body without a length is aborted, node reports a regular end.
      signal.throwIfAborted()
      return answerOf(message, body)
    }
    message.destroy()
    if (MAGNET.test(location)) return answerOf(message, Buffer.alloc(0))
    const to = new URL(location, from)
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
      signal,
      lookup: checkedLookup(rules, port, lookup),
      headers: { 'user-agent': 'Playlink', ...headers, 'accept-encoding': 'identity' },
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.on('upgrade', (_message, socket) => socket.destroy())
    outgoing.on('close', () => reject(new Error('closed without an answer')))
    outgoing.end()
  })
}

async function bodyOf(message: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = message.headers['content-encoding'] ?? 'identity'
  const announced = Number(message.headers['content-length'] ?? 0)
  const chunks: Buffer[] = []
  let size = 0
  try {
    if (encoding.toLowerCase() !== 'identity') throw new Error('a compressed body, not asked for')
    if (announced > maxBytes) throw new Error(`a body of ${announced} bytes, ${maxBytes} at most`)
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new Error(`a body of more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } finally {
    message.destroy()
  }
  return Buffer.concat(chunks)
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
