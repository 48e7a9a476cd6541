/**
 * Control characters, line separators, and marks that reorder or hide text: with them the name
 * `gpj<U+202E>4pm.exe` would be displayed as another one.
 */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+/gu

/**
 * Most names are plain ASCII and need no cleaning: a fast path, for lists have hundreds of names.
 */
const PLAIN = /^[\x20-\x7e]*$/

/**
 * Text from outside, cleaned for display: one line, no invisible marks, at most `max` characters.
 */
export function cleanText(text: string, max: number): string {
  if (text.length <= max && PLAIN.test(text)) return text.trim()
  // Cut first, so that a very long text costs little: a character has at most two UTF-16 units.
  const cut = text.slice(0, max * 4)
  if (PLAIN.test(cut)) return cut.trim().slice(0, max).trimEnd()
  const short = cut.toWellFormed()
  const plain = short.replace(UNSEEN, ' ').trim()
  return plain.length <= max ? plain : [...plain].slice(0, max).join('').trimEnd()
}

/** What a byte order mark in front says (Unicode 23.8); undefined: there is none of UTF-16. */
export function markOfUtf16([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}
