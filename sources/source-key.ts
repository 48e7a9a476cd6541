import { createHash } from 'node:crypto'
import { isCredential } from '../common/secrets/credentials.ts'
import type { Locator, Selector, Source } from './source.ts'

/** RFC 4648 section 6, lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const KEY = /^[a-z2-7]{10}$/
export const isSourceKey = (text: string): boolean => KEY.test(text)

/**
 * The key in `?s=` of a play address: the first 10 base32 characters of the SHA-256 of what is the
 * same on every machine: info hash and selector, or the address without credentials.
 */
export function sourceKey({ locator, selector, identity }: Source): string {
  const digest = createHash('sha256')
    .update(nameOf(locator, selector, identity))
    .digest()
  let key = ''
  // The first 50 bits, five for each character.
  for (let bit = 0; bit < 50; bit += 5) {
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0)
    key += BASE32[(pair >> (11 - (bit & 7))) & 31]
  }
  return key
}

/**
 * What tells the entries of a source list apart. A magnet and a .torrent of the same file share
 * their key, but are two ways to it: each has an entry and a number of its own.
 */
export const entryId = (key: string, locator: Locator): string =>
  locator.kind === 'magnet' ? `magnet ${key}` : key

function nameOf(locator: Locator, selector: Selector, identity: string | undefined): string {
  const chosen = selector.file ?? selector.fileIdx ?? ''
  switch (locator.kind) {
    case 'magnet':
      return `${locator.infoHash}\n${chosen}`
    case 'torrent':
      if (locator.infoHash !== undefined) return `${locator.infoHash}\n${chosen}`
      return `${identity ?? withoutCredentials(locator.from)}\n${chosen}`
    case 'url':
      return identity ?? withoutCredentials(locator.url)
    case 'path':
      return identity ?? `path:${locator.path}`
  }
}

function withoutCredentials(address: string): string {
  const url = URL.parse(address)
  if (!url) return address
  url.username = ''
  url.password = ''
  // An address with a new credential is still the same source.
  const names = [...url.searchParams.keys()].filter(isCredential)
  // Only when needed: deleting encodes the whole query anew.
  for (const name of names) url.searchParams.delete(name)
  return url.href
}
