import type { IncomingMessage, ServerResponse } from 'node:http'
import { Fault } from '../../common/errors.ts'
import { answerOptions } from './cors.ts'
import { hostNameOf } from './host.ts'

/** A step on the way in: goes on with `next`, or answers, or throws. */
export type Check = (req: IncomingMessage, res: ServerResponse, next: () => void) => void

const READS = 'GET, HEAD, OPTIONS'

export const CACHE_CONFIG_PATH = '/api/cache-config'
export const PLAYS_PATH = '/api/plays'
export const DOWNLOADS_PATH = '/api/downloads'
export const DOCTOR_PATH = '/api/doctor'
export const TRY_PATH = '/api/try'

const READS_AND_POST = `${READS}, POST`
/** What may be done at the only addresses that take a body; their routes are the administrators'. */
const TAKE_BODY: ReadonlyMap<string, string> = new Map([
  [CACHE_CONFIG_PATH, READS_AND_POST],
  [PLAYS_PATH, READS_AND_POST],
  [DOWNLOADS_PATH, READS_AND_POST],
  [DOCTOR_PATH, READS_AND_POST],
  // There is nothing to be read.
  [TRY_PATH, 'POST, OPTIONS'],
])

/** What comes before an address as everybody knows it, with ACCESS_TOKENS: a pattern of one group, the token. */
export const TOKEN = String.raw`\/t\/([\w-]{1,64})`
const TOKEN_BEFORE = new RegExp(`^${TOKEN}(?=/)`)

/** Path of the request target: origin form, or the path of an absolute one (RFC 9112 3.2). */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
}

/**
 * Refuses what no honest client sends: broken percent-encoding, control characters, dot segments
 * (however encoded). Express hands decoded parameters on, so nobody below has to think of it.
 */
function checkPath(path: string): void {
  if (!path.includes('%') && !path.includes('..')) return
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    throw new Fault('BAD_REQUEST')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x1f\x7f]/.test(decoded)) throw new Fault('BAD_REQUEST')
  if (decoded.split(/[/\\]/).includes('..')) throw new Fault('BAD_REQUEST')
}

/** Node keeps the first and says nothing of a second; names stand at even places of the raw list. */
function hasSecondHost(rawHeaders: readonly string[]): boolean {
  let found = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length !== 4 || name.toLowerCase() !== 'host') continue
    if (found) return true
    found = true
  }
  return false
}

/**
 * HTTP/1.1 without a Host, with two, or with a malformed one, is 400 (RFC 9112 3.2): whoever stands
 * in between may have read another one than we do.
 */
function checkHost({ headers, rawHeaders, httpVersion }: IncomingMessage): void {
  const { host } = headers
  const bad = host === undefined ? httpVersion !== '1.0' : hostNameOf(host) === undefined
  if (bad || hasSecondHost(rawHeaders)) throw new Fault('BAD_HOST')
}

/** The one expectation there is, which Node has met already; HTTP/1.0 has none (RFC 9110 10.1.1). */
function checkExpect({ headers: { expect }, httpVersion }: IncomingMessage): void {
  if (expect === undefined || httpVersion === '1.0') return
  if (expect.toLowerCase() !== '100-continue') throw new Fault('EXPECTATION_FAILED')
}

/**
 * The first thing every request meets. Answers OPTIONS itself.
 * @throws Fault BAD_REQUEST, BAD_HOST, EXPECTATION_FAILED, METHOD_NOT_ALLOWED
 */
export const checkRequest: Check = (req, res, next) => {
  const path = pathOf(req.url ?? '')
  checkHost(req)
  checkExpect(req)
  if (path !== '*') checkPath(path)
  const { method } = req
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && !path.endsWith(TRY_PATH)) return next()
  const known = path.replace(TOKEN_BEFORE, '')
  if (isRead && known !== TRY_PATH) return next()
  const allow = TAKE_BODY.get(known) ?? READS
  if (method === 'OPTIONS') return answerOptions(res, allow, !known.startsWith('/api/'))
  if (method === 'POST' && TAKE_BODY.has(known)) return next()
  throw new Fault('METHOD_NOT_ALLOWED', { allow })
}
