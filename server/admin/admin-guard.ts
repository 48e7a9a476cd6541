import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { Fault, type FaultCode } from '../../common/errors.ts'
import { hostNameOf, isLoopback } from '../http/host.ts'

export interface AdminRules {
  readonly adminToken: string | undefined
  /** Of the file that only this server's own user can read (cache/disk/management-file.ts). */
  readonly fileToken: string
  readonly publicUrl: string | undefined
  /** TRUST_PROXY: with a proxy in front, everybody comes from this machine. */
  readonly trustProxy: unknown
  /** NODE_ENV=production: being on this machine proves nothing. */
  readonly production: boolean
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compared as digests: equal length, so the time tells nothing, not even the length. */
function carriesToken(req: IncomingMessage, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1]
  return timingSafeEqual(sha256(given ?? ''), sha256(token)) && given !== undefined
}

/**
 * Words in the names of what proxies, balancers and CDNs add: RFC 7239, RFC 9110 7.6.3, RFC 8586,
 * X-Real-IP, X-Forwarded-*, True-Client-IP, CF-Connecting-IP, X-Original-Host and their like.
 */
const OF_PROXIES =
  /(?:^|-)(?:forwarded|via|real|client|clientip|connecting|proxy|proxyuser|cdn|cf|envoy|original|cluster|azure|amzn)(?:-|$)|^x-sendfile-type$/

/** A proxy was on the way: then a loopback socket says nothing about who asks. */
const throughProxy = (req: IncomingMessage): boolean =>
  Object.keys(req.headers).some((name) => OF_PROXIES.test(name))

/**
 * Whether this server trusts its own machine at all. nginx' plain `proxy_pass` gives strangers a
 * loopback socket and a loopback Host and adds nothing that tells, so every sign of a proxy counts
 * against it, and production is one.
 */
const trustsItsMachine = ({ publicUrl, trustProxy, production }: AdminRules): boolean =>
  !production &&
  trustProxy === undefined &&
  (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname))

/** Whether the request comes from this machine, as far as it tells. */
function isLocal(req: IncomingMessage): boolean {
  const host = hostNameOf(req.headers.host ?? '')
  return (
    isLoopback(req.socket.remoteAddress ?? '') &&
    host !== undefined &&
    isLoopback(host) &&
    !throughProxy(req)
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

/** Why the asker is no administrator. */
type AdminRefusal = Extract<
  FaultCode,
  'UNAUTHORIZED' | 'MANAGEMENT_CLOSED' | 'NOT_LOCAL' | 'FORBIDDEN_ORIGIN'
>

export interface Admins {
  /** How one becomes administrator: by ADMIN_TOKEN, by asking from this machine, or not at all. */
  readonly by: 'token' | 'machine' | 'nobody'
  /** Undefined: the asker is one. */
  refusalOf(req: IncomingMessage): AdminRefusal | undefined
}

/**
 * Who may change anything and read titles: the bearer of ADMIN_TOKEN or of the file's token; without
 * ADMIN_TOKEN, outside of production, this machine as well. Never a foreign page. No other header of
 * a request gives anything; some take it away.
 */
export function createAdmins(rules: AdminRules): Admins {
  const { adminToken, fileToken, publicUrl, production } = rules
  const trusting = trustsItsMachine(rules)

  function strangerBecause(req: IncomingMessage): AdminRefusal | undefined {
    if (carriesToken(req, fileToken)) return undefined
    if (adminToken !== undefined) return carriesToken(req, adminToken) ? undefined : 'UNAUTHORIZED'
    if (production) return 'MANAGEMENT_CLOSED'
    // A token for another server: what is ordered was not meant for this one.
    if (req.headers.authorization !== undefined) return 'UNAUTHORIZED'
    return trusting && isLocal(req) ? undefined : 'NOT_LOCAL'
  }

  return {
    by: adminToken !== undefined ? 'token' : trusting ? 'machine' : 'nobody',
    refusalOf: (req) =>
      strangerBecause(req) ?? (isForeign(req, publicUrl) ? 'FORBIDDEN_ORIGIN' : undefined),
  }
}

/** Only administrators come through. Passes Faults on, as Admins.refusalOf names them. */
export function createAdminGuard(admins: Pick<Admins, 'refusalOf'>): RequestHandler {
  return (req, res, next) => {
    const refusal = admins.refusalOf(req)
    if (refusal === 'UNAUTHORIZED') res.setHeader('WWW-Authenticate', 'Bearer')
    if (refusal !== undefined) throw new Fault(refusal)
    next()
  }
}
