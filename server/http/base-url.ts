import type { Request } from 'express'
import { Fault } from '../../common/errors.ts'
import { hostNameOf } from './host.ts'

const LONGEST_PREFIX = 200
const PREFIX = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/

/** Express compiles TRUST_PROXY once; this asks it about the peer of the socket. */
function trustsPeer(req: Request): boolean {
  const trusts: unknown = req.app.get('trust proxy fn')
  return typeof trusts === 'function' && trusts(req.socket.remoteAddress, 0) === true
}

/** The first of a list: what the proxy nearest to the viewer saw. */
function forwarded(req: Request, name: string): string | undefined {
  const header = req.headers[name]
  const text = Array.isArray(header) ? header[0] : header
  return text?.split(',', 1)[0]?.trim() || undefined
}

/** From a path of ours to the server's root: relative, so that no prefix of a proxy and no token matters. */
export const upToRoot = (path: string): string => '../'.repeat(path.split('/').length - 2)

function prefixOf(req: Request): string {
  const given = forwarded(req, 'x-forwarded-prefix') ?? ''
  // Too long, or not a plain path: better no prefix than a URL somebody else wrote.
  if (given.length > LONGEST_PREFIX) return ''
  const prefix = given.replace(/(?<!\/)\/+$/, '')
  return PREFIX.test(prefix) ? prefix : ''
}

/**
 * The base of every URL handed out, without a trailing slash: PUBLIC_URL, else what the request
 * says of itself; X-Forwarded-Proto, -Host and -Prefix only from a peer that TRUST_PROXY trusts.
 * The function throws Fault BAD_HOST.
 */
export function createBaseUrl(config: {
  readonly publicUrl: string | undefined
}): (req: Request) => string {
  return (req) => {
    if (config.publicUrl !== undefined) return config.publicUrl
    const trusted = trustsPeer(req)
    const host = (trusted ? forwarded(req, 'x-forwarded-host') : undefined) ?? req.headers.host
    if (host === undefined || hostNameOf(host) === undefined) throw new Fault('BAD_HOST')
    if (!trusted) return `http://${host.toLowerCase()}`
    const proto = forwarded(req, 'x-forwarded-proto')?.toLowerCase()
    return `${proto === 'https' ? 'https' : 'http'}://${host.toLowerCase()}${prefixOf(req)}`
  }
}
