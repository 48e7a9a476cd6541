import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { Fault, type FaultCode } from '../../common/errors.ts'
import { hostNameOf, isLoopback } from '../http/host.ts'

export interface AdminGuardOptions {
  readonly adminToken: string | undefined
  readonly publicUrl: string | undefined
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compared as digests: equal length, so the time tells nothing, not even the length. */
function carriesToken(req: IncomingMessage, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1]
  return timingSafeEqual(sha256(given ?? ''), sha256(token)) && given !== undefined
}

/** A proxy was on the way: then a loopback socket says nothing about who asks. */
const throughProxy = (req: IncomingMessage): boolean =>
  Object.keys(req.headers).some(
    (name) => name.startsWith('x-forwarded-') || ['forwarded', 'x-real-ip', 'via'].includes(name),
  )

/**
 * Whether the request comes from this machine itself. nginx' plain `proxy_pass` gives strangers a
 * loopback socket and a loopback Host, so a public address that is set counts against it too.
 */
function isLocal(req: IncomingMessage, publicUrl: string | undefined): boolean {
  const host = hostNameOf(req.headers.host ?? '')
  return (
    isLoopback(req.socket.remoteAddress ?? '') &&
    host !== undefined &&
    isLoopback(host) &&
    !throughProxy(req) &&
    (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname))
  )
}

/** A page of another origin made a browser send this (Fetch standard: Origin, Sec-Fetch-Site). */
function isForeign(req: IncomingMessage, publicUrl: string | undefined): boolean {
  const site = req.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const { origin, host } = req.headers
  if (origin === undefined) return false
  const from = URL.parse(origin)
  if (!from || from.origin !== origin) return true
  if (publicUrl !== undefined && from.origin === new URL(publicUrl).origin) return false
  // The scheme is left out: behind a proxy that ends TLS it is not known here.
  return from.host !== URL.parse(`${from.protocol}//${host ?? ''}`)?.host
}

/** Why the asker is no administrator; undefined: it is one. */
type AdminRefusal = Extract<FaultCode, 'UNAUTHORIZED' | 'NOT_LOCAL' | 'FORBIDDEN_ORIGIN'>
export type AdminCheck = (req: IncomingMessage) => AdminRefusal | undefined

/**
 * Who may change anything and read titles: with ADMIN_TOKEN its bearer, without it this machine
 * only; never a foreign page.
 */
export function createAdminCheck({ adminToken, publicUrl }: AdminGuardOptions): AdminCheck {
  return (req) => {
    if (adminToken !== undefined && !carriesToken(req, adminToken)) return 'UNAUTHORIZED'
    if (adminToken === undefined && !isLocal(req, publicUrl)) return 'NOT_LOCAL'
    return isForeign(req, publicUrl) ? 'FORBIDDEN_ORIGIN' : undefined
  }
}

/** Only administrators come through. Passes Fault UNAUTHORIZED, NOT_LOCAL, FORBIDDEN_ORIGIN on. */
export function createAdminGuard(options: AdminGuardOptions): RequestHandler {
  const refusalOf = createAdminCheck(options)
  return (req, res, next) => {
    const refusal = refusalOf(req)
    if (refusal === 'UNAUTHORIZED') res.setHeader('WWW-Authenticate', 'Bearer')
    if (refusal !== undefined) throw new Fault(refusal)
    next()
  }
}
