import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { cleanText } from '../../../common/clean-text.ts'
import { METADATA } from './cinemeta.ts'

const MAX_NAME = 40
/** Names of the built-in providers. */
const TAKEN: ReadonlySet<string> = new Set([
  'catalogue',
  'library',
  'archive.org',
  'tried',
  METADATA,
])

export interface ProviderPlace {
  /** Its name when the address gives none. */
  readonly kind: string
  readonly address: string
  readonly guess?: (url: URL) => string | undefined
}

/**
 * The names of providers in lists, the same at every start: what stands behind `#` in the address,
 * else what `guess` finds in it, else its host. Never a path or a query, which hold keys, nor a
 * host of the operator's own network, because lists are public. Providers of the same name get a
 * mark each, made of their address without its query, so that a new key does not make a new
 * provider.
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
