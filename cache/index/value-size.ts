/** CACHE_META_MB where nothing else is said; bytes. */
export const USUAL_VALUE_BYTES = 64_000_000
/** What a value costs beside its texts: its place in maps, orders and tables. */
export const VALUE_OVERHEAD_BYTES = 200

/**
 * A value of more than this part of the room for all is not kept: it would push out too many others.
 * Writing it succeeds, as if it had been forgotten at once.
 */
const MAX_VALUE_PART = 1 / 4
/**
 * Nor is one whose JSON has more bytes than this, and of what another program wrote into a store no more is
 * read: it is parsed in one turn of the event loop. The largest of ours are feeds.
 */
export const MAX_VALUE_BYTES = 4 * 2 ** 20
/** Of an entry that another program wrote no more is read; a name has 1,000 characters at most. */
export const MAX_ENTRY_BYTES = 8192
/** Of the key of an entry: 40 hex digits, and the number of a file. */
export const MAX_KEY_BYTES = 64

/** Bytes that a value counts for; `json` is its text. */
export const valueSize = (name: string, json: string): number =>
  Buffer.byteLength(name) + Buffer.byteLength(json) + VALUE_OVERHEAD_BYTES

/** What one value may count for; `maxBytes` is what all may take. */
export const largestValue = (maxBytes: number): number =>
  Math.min(maxBytes * MAX_VALUE_PART, MAX_VALUE_BYTES)

/** Whether a value may be kept beside others; `maxBytes` is what all may take. */
export const isKeepable = (name: string, json: string, maxBytes: number): boolean =>
  valueSize(name, json) <= largestValue(maxBytes)

/** Bytes of a text in memory: V8 takes two for each character as soon as one of them is not Latin-1. */
export const textBytes = (text: string): number =>
  /[^\0-\xff]/.test(text) ? 2 * text.length : text.length

/** About as many characters as the value has as JSON, without building that text. */
export function jsonLength(value: unknown): number {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 6
  let sum = 2
  if (Array.isArray(value)) for (const item of value) sum += jsonLength(item)
  else for (const name in value) sum += name.length + 3 + jsonLength(value[name as never])
  return sum
}
