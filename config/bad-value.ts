/**
 * Thrown by every parser of a variable. The message is the rest of a sentence that begins with the
 * variable's name: `must be a whole number from 0 to 65535, not "x".`
 */
export class BadValue extends Error {
  override readonly name = 'BadValue'
}

/** A value as it may be shown: quoted, control characters escaped, not endless. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)

/** Reads the text of one variable; `cwd` is the absolute folder that relative paths start at. */
export type Parse<T> = (text: string, cwd: string) => T
