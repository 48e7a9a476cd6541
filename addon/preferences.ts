import { LRUCache } from 'lru-cache'
import { z } from 'zod'

/** From high to low; `sd`: 576p and less, `unknown`: the release's name does not say. */
export const RESOLUTIONS = ['2160', '1440', '1080', '720', 'sd', 'unknown'] as const
const SORTS = ['best', 'quality', 'small', 'large', 'seeders'] as const
/** What a viewer can hide. */
export const HIDEABLE = ['remote', 'camera', 'direct', 'auto', 'catalogs'] as const
/** ISO 639-1, and as names of releases tell them apart. */
export const LANGUAGES = [
  ...['en', 'ar', 'bn', 'bg', 'zh', 'zh-tw', 'hr', 'cs', 'da', 'nl', 'et', 'fi', 'fr', 'de', 'el'],
  ...['gu', 'he', 'hi', 'hu', 'id', 'it', 'ja', 'kn', 'ko', 'lv', 'lt', 'ms', 'ml', 'mr', 'no'],
  ...['fa', 'pl', 'pt', 'pa', 'ro', 'ru', 'sr', 'sk', 'sl', 'es', 'es-419', 'sv', 'ta', 'te', 'th'],
  ...['tr', 'uk', 'vi'],
] as const
const MAX_PROVIDERS = 30
export const LARGEST_MB = 1_000_000

const shape = z.strictObject({
  /** Empty: all. */
  resolutions: z.array(z.enum(RESOLUTIONS)).readonly(),
  /** Empty: any. */
  languages: z.array(z.enum(LANGUAGES)).readonly(),
  /** 10^6 bytes. */
  maxMb: z.int().min(1).max(LARGEST_MB).optional(),
  sort: z.enum(SORTS),
  /** Names of providers that are not listed. */
  without: z.array(z.string().min(1).max(60)).max(MAX_PROVIDERS).readonly(),
  hide: z.array(z.enum(HIDEABLE)).readonly(),
})

/** What a viewer wants to see. It hides and orders sources; their numbers and addresses stay. */
export type Preferences = z.infer<typeof shape>

export const EVERYTHING: Preferences = {
  resolutions: [],
  languages: [],
  sort: 'best',
  without: [],
  hide: [],
}

/** @returns undefined for a value that `writePreferences` could not have written */
export function checkPreferences(value: unknown): Preferences | undefined {
  const checked = shape.safeParse(value)
  return checked.success ? inOneOrder(checked.data) : undefined
}

/** Equal preferences give one address, so that caches and "continue watching" see one addon. */
function inOneOrder(wanted: Preferences): Preferences {
  const all = RESOLUTIONS.every((one) => wanted.resolutions.includes(one))
  return {
    ...wanted,
    resolutions: all ? [] : RESOLUTIONS.filter((one) => wanted.resolutions.includes(one)),
    languages: LANGUAGES.filter((one) => wanted.languages.includes(one)),
    without: [...new Set(wanted.without)].toSorted(),
    hide: HIDEABLE.filter((one) => wanted.hide.includes(one)),
  }
}

const VERSION = 'v1'
/** Thirty providers with names as people give them; an address as a whole has 16 KiB. */
const MAX_TEXT = 2000

/**
 * The segment of the address, such as `v1~r.1080.720~l.de.en~m.8000`: fields behind `~`, each a
 * letter and its values behind dots. It has only the unreserved characters of RFC 3986 2.3, because
 * clients encode others differently; each byte of any other is `_` and two hex digits. Empty when
 * there are no preferences.
 */
export function writePreferences(wanted: Preferences): string {
  const fields: readonly [string, readonly string[]][] = [
    ['r', wanted.resolutions],
    ['l', wanted.languages],
    ['m', wanted.maxMb === undefined ? [] : [String(wanted.maxMb)]],
    ['s', wanted.sort === 'best' ? [] : [wanted.sort]],
    ['p', wanted.without],
    ['h', wanted.hide],
  ]
  const told = fields
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, ...values.map(escaped)].join('.'))
  return told.length === 0 ? '' : [VERSION, ...told].join('~')
}

/** Whether what is written of them can be read again. */
export const fitIntoAddress = (wanted: Preferences): boolean =>
  wanted.without.length <= MAX_PROVIDERS && writePreferences(wanted).length <= MAX_TEXT

/** Lists may be asked for thousands of times a second, with few different preferences. */
const read = new LRUCache<string, { readonly preferences: Preferences | undefined }>({ max: 500 })

/** @returns undefined for what this version does not write: obsolete, cut or made up */
export function readPreferences(text: string): Preferences | undefined {
  if (text.length > MAX_TEXT) return undefined
  const known = read.get(text)
  if (known) return known.preferences
  const preferences = parse(text)
  read.set(text, { preferences })
  return preferences
}

function parse(text: string): Preferences | undefined {
  const [version, ...fields] = text.split('~')
  if (version !== VERSION) return undefined
  const found = new Map<string, readonly string[]>()
  for (const field of fields) {
    const [name = '', ...values] = field.split('.')
    if (values.length === 0 || found.has(name)) return undefined
    found.set(name, values.map(unescaped))
  }
  const { r = [], l = [], m, s = ['best'], p = [], h = [], ...more } = Object.fromEntries(found)
  if (Object.keys(more).length > 0 || s.length !== 1 || (m && !/^[1-9]\d*$/.test(m.join('.')))) {
    return undefined
  }
  return checkPreferences({
    resolutions: r,
    languages: l,
    ...(m ? { maxMb: Number(m[0]) } : {}),
    sort: s[0],
    without: p,
    hide: h,
  })
}

const escaped = (text: string): string =>
  text.replace(/[^A-Za-z0-9-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  )

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('%', '%25').replaceAll('_', '%'))
  } catch {
    // It was cut in the middle of a character; no provider has this name, so nothing is hidden.
    return ''
  }
}
