import { LOOP_HEADER } from '../../common/network/loop-header.ts'
import type { Source } from '../../sources/source.ts'

/**
 * Ours, or of one connection (RFC 9110 7.6.1): a link that names them would decide over the request
 * itself.
 */
const OURS =
  /^(?:host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|proxy-.*|accept-encoding|range|if-.*)$/i

/** Of the headers that a link needs those that it may decide about, their names in lower case. */
export const neededHeaders = (
  request: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(request)
      .filter(([name]) => !OURS.test(name))
      .map(([name, value]) => [name.toLowerCase(), value]),
  )

/**
 * What the other server is asked with: the headers that the link needs, and the part. Of the viewer's
 * request nothing: no cookie, no address, no token.
 */
export function relayHeaders(
  { proxyHeaders }: Pick<Source, 'proxyHeaders'>,
  part: {
    readonly from: number
    /** The last byte; undefined: all from there on. What nobody reads would be sent in vain. */
    readonly to?: number | undefined
    readonly ifRange?: string | undefined
    readonly hops: string
  },
): Record<string, string> {
  return {
    ...neededHeaders(proxyHeaders?.request),
    [LOOP_HEADER]: part.hops,
    range: `bytes=${part.from}-${part.to ?? ''}`,
    ...(part.ifRange !== undefined && { 'if-range': part.ifRange }),
  }
}
