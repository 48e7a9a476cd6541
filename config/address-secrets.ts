import { percentDecoded } from '../common/network/percent-decoded.ts'
import { isCredential } from '../common/secrets/credentials.ts'

/** What paths of addons and indexers are made of; none of it is a key. */
const PLAIN =
  /^(?:manifest\.json|stremio|addons?|api|v?\d+(?:\.\d+)*|indexers|all|results|torznab|rss|feeds?|atom|xml|configure|streams?|catalogs?|play|proxy|resolve|movies?|series|films?|torrents?|download)$/i

/** Long, of letters and digits, or with capitals: no word that people write. */
const looksLikeKey = (text: string): boolean =>
  text.length >= 8 &&
  !PLAIN.test(text) &&
  ((/[a-z]/i.test(text) && /\d/.test(text)) || /[A-Z]{2}/.test(text) || text.length >= 24)

/**
 * The keys in an address of the settings: its password, values of its query that are named or look
 * like keys, and what looks like one in its path, also inside of settings that are written there as
 * `name=value|name=value`, as JSON, or as either in base64. Its fragment is a name for lists.
 */
export function keysInAddress(address: string): readonly string[] {
  const url = URL.parse(address)
  if (!url) return []
  const named = [...url.searchParams].flatMap(([name, value]) =>
    isCredential(name) || looksLikeKey(value) ? [value] : [],
  )
  const parts = url.pathname.split('/').map(percentDecoded)
  const found = [
    percentDecoded(url.password),
    ...named,
    ...parts.flatMap((part) => keysInText(part, 3)),
  ]
  return [...new Set(found)].filter((key) => key !== '')
}

function keysInText(text: string, depth: number): readonly string[] {
  const whole = looksLikeKey(text) ? [text] : []
  if (depth === 0) return whole
  const inner = valuesIn(text).flatMap(({ name, value }) =>
    isCredential(name) ? [value] : keysInText(value, depth - 1),
  )
  return [...whole, ...inner]
}

interface NamedValue {
  readonly name: string
  readonly value: string
}

/** The values that a text of settings is made of; none when it is no such text. */
function valuesIn(text: string): readonly NamedValue[] {
  const json = jsonIn(text)
  if (json !== undefined) return leavesOf('', json)
  if (/[=|;&]/.test(text.replace(/(?<!=)=+$/, ''))) {
    return text.split(/[|;&,]/).map((pair) => {
      const at = pair.indexOf('=')
      return { name: pair.slice(0, Math.max(0, at)), value: pair.slice(at + 1) }
    })
  }
  const bytes = /^[\w+/-]{8,}=*$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  const inside = bytes.toString('utf8')
  // Any word is base64 of some bytes: only a text that is settings counts.
  return /^[\x20-\x7e]+$/.test(inside) && /[={]/.test(inside) ? [{ name: '', value: inside }] : []
}

function jsonIn(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function leavesOf(name: string, value: unknown): readonly NamedValue[] {
  if (typeof value === 'string') return [{ name, value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([inner, leaf]) => leavesOf(inner, leaf))
}

/** The parts of an addon's address that may be its key, though they look like words. */
export const pathPartsOf = (address: string): readonly string[] =>
  (URL.parse(address)?.pathname.split('/') ?? [])
    .map(percentDecoded)
    .filter((part) => part.length >= 4 && !PLAIN.test(part))
