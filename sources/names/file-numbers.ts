import type { NameMarks } from './name-marks.ts'
import { type Spans, spansIn, type Token } from './read-tokens.ts'
import { isPartWord } from './word-classes.ts'

/** A file's name may be hardly more than a number: `05`, `05 - Title`, `Show 05`, `show.117`. */
export interface FileNumbers {
  readonly episodes: Spans
  /** The only number of three or four digits. */
  readonly bare: string | undefined
  /** Believed only where every file of the torrent has one. */
  readonly guess: number | undefined
}

const LEADING = /^(\d{1,3})(?:v\d)?(?:[ ._]*[-._][ ._]|[ ._]|$)/
const LEADING_RANGE = /^(\d{1,3})[-–](\d{2,3})(?=$|[ ._])/
/** `Show 5`, `甄嬛传05` */
const LAST = /(?:[ ._-]|(?<=\p{Script=Han}))(\d{1,3})$/u
/** `Show 05`, `Show 05v2`, `Show 012`. */
const SHORT = /^(\d{2}|0\d{2})(?:v\d)?$/
const CAP = /^[a-z]+(\d{3,4})$/
const NONE: FileNumbers = { episodes: [], bare: undefined, guess: undefined }
const YEAR_OR_HEIGHT = /^(?:19|20)\d\d$|^(?:480|576|720|1080|2160)$/

/** Of a name that says no season and episode together. */
export function fileNumbers(
  stem: string,
  tokens: readonly Token[],
  { parts, dates, pairs }: NameMarks,
): FileNumbers {
  const spelled = tokens.filter(isSpelled)
  // `Ep 117` is episode 117.
  if (spelled.length > 0) return { ...NONE, episodes: spelled.flatMap(spansOf) }
  // `Cap.408` is the eighth of the fourth season, unless the series counts on.
  const cap = CAP.exec(tokens[pairs[0]?.at ?? -1]?.letters ?? '')?.[1]
  if (cap !== undefined) return { ...NONE, episodes: one(cap), bare: cap }
  if (dates.length > 0) return { ...NONE, episodes: beforeDay(tokens) }
  const bare = loneNumber(stem)
  const episodes = ranged(stem) ?? leadOrDash(stem, tokens) ?? shortNumber(tokens)
  if (episodes.length > 0 || bare !== undefined) return { episodes, bare, guess: undefined }
  const last = LAST.exec(stem)?.[1]
  const guess = parts[0]?.[0] ?? chapter(tokens) ?? last
  return { ...NONE, guess: guess === undefined ? undefined : Number(guess) }
}

const isSpelled = ({ kind, value }: Token): boolean => kind === 'mark' && /^e\d/.test(value)
const isNumber = ({ kind, value }: Token): boolean => kind === 'mark' && /^n\d/.test(value)
const isDay = ({ kind, value }: Token): boolean => kind === 'mark' && /^d\d/.test(value)
const spansOf = ({ value }: Token): Spans => spansIn(value.slice(1))
const one = (number: string): Spans => [[Number(number), Number(number)]]

/** `01-02 - Title` */
function ranged(stem: string): Spans | undefined {
  const [, first, last] = LEADING_RANGE.exec(stem) ?? []
  return Number(first) < Number(last) ? [[Number(first), Number(last)]] : undefined
}

/** `02 - Title`, `02.Title`, `Show - 02`; of `24 - 05` the second, of `02 - 100 Days` the first. */
function leadOrDash(stem: string, tokens: readonly Token[]): Spans | undefined {
  const lead = LEADING.exec(stem)?.[1]
  const at = tokens.findIndex(isNumber)
  const dashed = tokens[at]
  const isTitle = tokens[at + 1]?.kind === 'word'
  if (dashed && (lead === undefined || !isTitle)) return spansOf(dashed)
  return lead === undefined ? undefined : one(lead)
}

/** `Show - 02 - 2001-09-11`; the numbers of the day are none. */
function beforeDay(tokens: readonly Token[]): Spans {
  const numbered = tokens.slice(0, tokens.findIndex(isDay)).find(isNumber)
  return numbered ? spansOf(numbered) : []
}

/** `Chapter 3`, `Episode Three`; words of numbers are numbers already. */
function chapter(tokens: readonly Token[]): string | undefined {
  const isCounted = ({ letters }: Token, at: number): boolean =>
    /^\d{1,2}$/.test(letters) && isPartWord(tokens[at - 1]?.letters ?? '')
  return tokens.find(isCounted)?.letters
}

function shortNumber(tokens: readonly Token[]): Spans {
  const found = tokens.filter(({ kind, letters }) => kind === 'word' && SHORT.test(letters))
  const [number] = SHORT.exec(found[0]?.letters ?? '')?.slice(1) ?? []
  return found.length === 1 && number !== undefined ? one(number) : []
}

/** The only number of three or four digits in a name that is no year, height, codec or hash. */
function loneNumber(stem: string): string | undefined {
  // A group in front is a fansub's name: those count their episodes on over all seasons.
  if (/^\[/.test(stem)) return undefined
  const plain = stem.replace(/\[[^[\]]*\]|\([^()]*\)/g, ' ')
  const found = [...plain.matchAll(/(?<![\da-z])(\d{3,4})(?![\da-z])/gi)].map(([, text]) => text)
  const numbers = found.filter((text) => text && !YEAR_OR_HEIGHT.test(text))
  return numbers.length === 1 ? numbers[0] : undefined
}
