/** Of the words of a cue; UTF-16 units. */
const MAX_WORDS = 2000

const NAMED: Readonly<Record<string, string>> = { quot: '"', apos: "'" }
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(quot|apos));/gi

/** What players of WebVTT do not all read (WebVTT 4.2.2): it is shown as it stands there. */
const withoutEntities = (text: string): string =>
  text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    // Control characters could end the cue; of the others what is none stays as it is.
    if (code < 32) return ' '
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole
  })

/**
 * Keeps bold, italic and underline, removes every other tag, and escapes a lone `<` or `&`. The
 * patterns stop at the next opening bracket, so that a line of nothing but brackets takes linear time.
 */
export function cueText(text: string): string {
  const plain = text
    .trim()
    .slice(0, MAX_WORDS)
    .replace(/\{\\[^{}\n]*\}/g, '')
    .replace(/<(?!\/?[biu]>)\/?[a-z][^<>\n]*>/gi, '')
  return withoutEntities(plain)
    .replace(/&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)/g, '&amp;')
    .replace(/<(?!\/?[biu]>)/gi, '&lt;')
    .replace(/-->/g, '--&gt;')
    .replace(/\n{2,}/g, '\n')
}

/** `HH:MM:SS.mmm` (WebVTT 4.1). */
export function cueTime(at: number): string {
  const ms = Math.round(at * 1000)
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const whole = Math.floor(ms / 1000)
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return `${clock.map((part) => pad(part)).join(':')}.${pad(ms % 1000, 3)}`
}
