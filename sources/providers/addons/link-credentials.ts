import { percentDecoded } from '../../../common/network/percent-decoded.ts'
import type { ProxyHeaders } from '../../source.ts'

/** What a header of a source may have. */
const MAX_HEADER = 1000

interface Link {
  readonly url: string
  /** None: nothing is needed beside the address. */
  readonly request?: NonNullable<ProxyHeaders['request']>
}

/**
 * User and password of an address (RFC 3986 3.2.1) as the header that they stand for (RFC 7617): players and
 * proxies write addresses down, and no browser sends them on. The text as it is, where it has none.
 */
export function linkWithHeader(text: string): Link {
  const url = /^https?:\/\/[^/]*@/i.test(text) ? URL.parse(text) : null
  if (!url || (url.username === '' && url.password === '')) return { url: text }
  const pair = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`
  url.username = ''
  url.password = ''
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  if (authorization.length > MAX_HEADER) return { url: text }
  return { url: url.href, request: { Authorization: authorization } }
}
