/** Of the words of a cue; UTF-16 units. */
const MAX_WORDS = 2000

/**
 * Keeps bold, italic and underline, removes every other tag, and escapes a lone `<` or `&`. The
 * patterns stop at the next opening bracket, so that a line of nothing but brackets takes linear time.
 */
export function cueText(text: string): string {
  return text
    .trim()
    .slice(0, MAX_WORDS)
    .replace(/\{\\[^{}\n]*\}/g, '')
    .replace(/<(?!\/?[biu]>)\/?[a-z][^<>\n]*>/gi, '')
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
