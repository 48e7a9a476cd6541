/**
 * Control characters, line separators, and the marks that reorder or hide text
 * (a file named `gpj<U+202E>4pm.exe` must not read as another one).
 */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+/gu

/** Most names are plain ASCII, and a list has hundreds of them: nothing to look for in those. */
const PLAIN = /^[\x20-\x7e]*$/

/** Foreign text made fit for showing: one line, no unseen marks, at most `max` characters. */
export function cleanText(text: string, max: number): string {
  if (text.length <= max && PLAIN.test(text)) return text.trim()
  // Cut first: a character takes at most two units, and what is far behind is never shown.
  const short = text.slice(0, max * 4).toWellFormed()
  const plain = short.replace(UNSEEN, ' ').trim()
  return [...plain].slice(0, max).join('').trimEnd()
}
