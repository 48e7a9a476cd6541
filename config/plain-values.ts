import { BadValue, type Parse, shown } from './bad-value.ts'

/** Digits only: Number() would also take `1e3`, `0x10`, ` 7 ` and the empty text. */
const DIGITS = /^(0|[1-9]\d*)$/

/** A whole number within bounds, both included. `unit` is for the sentence only. */
export const wholeNumber =
  (least: number, most: number, unit?: string): Parse<number> =>
  (text) => {
    const value = DIGITS.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    const what = unit ? `a whole number of ${unit}` : 'a whole number'
    throw new BadValue(`must be ${what} from ${least} to ${most}, not ${shown(text)}.`)
  }

/** A number within bounds, both included, with at most three decimals. */
export const decimal =
  (least: number, most: number): Parse<number> =>
  (text) => {
    const value = /^(?:0|[1-9]\d{0,8})(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new BadValue(
      `must be a number from ${least} to ${most}, such as 1.5, not ${shown(text)}.`,
    )
  }

export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Parse<T> =>
  (text) => {
    const found = allowed.find((word) => word === text)
    if (found !== undefined) return found
    throw new BadValue(`must be one of ${allowed.join(', ')}, not ${shown(text)}.`)
  }

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['1', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['0', false],
  ['no', false],
])

/** A switch, in the words people use for one. */
export const onOff: Parse<boolean> = (text) => {
  const value = SWITCH.get(text.toLowerCase())
  if (value !== undefined) return value
  throw new BadValue(`must be on or off (true and false, 1 and 0 do as well), not ${shown(text)}.`)
}

/** Of a key or password: headers have 16 KiB, and every form of it is looked for in every line of the log. */
export const MAX_SECRET = 4096

const VISIBLE = /^[\x21-\x7e]+$/

/** A token that travels in a header (RFC 9110 5.5: visible ASCII). Its text is never shown. */
export const secret =
  (leastCharacters: number): Parse<string> =>
  (text) => {
    if (text.length < leastCharacters) {
      throw new BadValue(`must have at least ${leastCharacters} characters; it has ${text.length}.`)
    }
    if (text.length > MAX_SECRET) {
      throw new BadValue(`must have at most ${MAX_SECRET} characters; it has ${text.length}.`)
    }
    if (!VISIBLE.test(text)) {
      throw new BadValue('must be printable ASCII characters without spaces.')
    }
    return text
  }

/** One line of text that is passed on as it stands. */
export const line =
  (mostCharacters: number): Parse<string> =>
  (text) => {
    if (text.length <= mostCharacters && !/\p{Cc}/u.test(text)) return text
    throw new BadValue(`must be one line of at most ${mostCharacters} characters.`)
  }
