import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { cleanText } from '../../../common/clean-text.ts'

const MAX_NAME = 40
/** Of the providers that have no address of the operator's. */
const TAKEN: ReadonlySet<string> = new Set(['catalogue', 'archive.org'])

export interface ProviderPlace {
  /** Its name when nothing better is seen in the address. */
  readonly kind: string
  readonly address: string
  readonly guess?: (url: URL) => string | undefined
}

/**
 * What lists call a provider, the same at every start: what stands behind `#` in its address, else
 * what `guess` sees in it, else its host. Never a path or a query, which hold keys; nor the address
 * of a machine of the operator's own network, for lists are public. Two of one name get a mark each,
 * made of their address without its query, so that a new key is no new provider.
 */
export function providerNames(places: readonly ProviderPlace[]): readonly string[] {
  const plain = places.map(({ kind, address, guess }) => {
    const url = new URL(address)
    return chosen(url) || guess?.(url) || publicHost(url) || kind
  })
  return plain.map((name, at) => {
    const alone = plain.filter((other) => other === name).length === 1
    return alone && !TAKEN.has(name) ? name : `${name} ${mark(places[at]?.address ?? '')}`
  })
}

const chosen = (url: URL): string => {
  try {
    return cleanText(decodeURIComponent(url.hash.slice(1)), MAX_NAME)
  } catch {
    return ''
  }
}

function publicHost({ hostname }: URL): string | undefined {
  const own = hostname.startsWith('[') || isIP(hostname) !== 0 || !hostname.includes('.')
  return own ? undefined : hostname.slice(0, MAX_NAME)
}

function mark(address: string): string {
  const { origin, pathname } = new URL(address)
  return createHash('sha256').update(`${origin}${pathname}`).digest('hex').slice(0, 4)
}
