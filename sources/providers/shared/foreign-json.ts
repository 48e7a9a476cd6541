import { z } from 'zod'

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const MAX_DEPTH = 64
/** Separators outside of texts; the file list of a large item of the archive has 300,000. */
const MAX_SEPARATORS = 400_000

/**
 * Whether these bytes can become values without holding the process: 5 MB of brackets take the parser
 * seconds, and millions of empty values a gigabyte. One pass that builds nothing.
 */
export function isFewValues(json: Uint8Array): boolean {
  let depth = 0
  let separators = 0
  let inText = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (inText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inText = false
      continue
    }
    if (byte === QUOTE) inText = true
    else if (byte === COMMA || byte === COLON) separators++
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
    if (depth > MAX_DEPTH || separators > MAX_SEPARATORS) return false
  }
  return true
}

/**
 * A list of which only the first ones are looked at: the checker keeps a complaint of 1 KB for each
 * wrong one, however many there are.
 */
export const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z.preprocess(
    (value): unknown => (Array.isArray(value) ? value.slice(0, most) : value),
    z.array(item),
  )
