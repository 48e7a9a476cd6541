import { folded, inLatin, loosely } from '../names/fold.ts'
import type { Token } from '../names/read-tokens.ts'
import {
  countryOf,
  inDigits,
  inWords,
  isCountryLetters,
  isPartWord,
  sameWord,
  technicalWords,
} from '../names/word-classes.ts'
import type { TitleFacts } from './title-facts.ts'

/** One way to write a title: its letters and digits alone. */
export interface TitleKey {
  readonly letters: string
  /** Compare as Russian names are written in Latin letters. */
  readonly isLoose: boolean
  /** The article in front, or the word before its number, is left out: only with the film's year. */
  readonly isShort: boolean
}

const SPELLED_OUT: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  å: 'aa',
  ø: 'oe',
  đ: 'dj',
}
const ARTICLE = /^(?:the|an?|der|die|das|les?|la|el|los|las|il|lo|gli)$/
/** `Ghosts (US)`, `Shameless (2011)`: not of the name. */
const ADDED = /\((?:(?:18|19|20)\d\d|us|uk|au|nz|ca)\)$/i
const MAX_ALIASES = 30
const known = new WeakMap<TitleFacts, readonly TitleKey[]>()

/** Every way in which its name and aliases are written, the full ones first. */
export function titleKeys(facts: TitleFacts): readonly TitleKey[] {
  const before = known.get(facts)
  if (before) return before
  const names = [facts.name, ...(facts.aliases ?? [])].slice(0, MAX_ALIASES)
  const keys = new Map<string, TitleKey>()
  for (const key of names.flatMap(keysOf)) {
    const id = `${key.isLoose} ${key.letters}`
    if (key.letters !== '' && (!keys.has(id) || !key.isShort)) keys.set(id, key)
  }
  const sorted = [...keys.values()].sort((a, b) => b.letters.length - a.letters.length)
  known.set(facts, sorted)
  return sorted
}

function keysOf(alias: string): TitleKey[] {
  const name = alias.trim().replace(ADDED, '')
  const spelledOut = name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüåøđ]/g, (letter) => SPELLED_OUT[letter] ?? letter)
  const spellings = [wordsOf(name), wordsOf(spelledOut)]
  const whole = spellings.flatMap((words) => {
    const all = [words, words.filter((word) => word !== 'and'), numbered(words)]
    return all.map((one) => ({ letters: one.join(''), isLoose: false, isShort: false }))
  })
  const [first = '', ...rest] = wordsOf(name)
  if (ARTICLE.test(first) && rest.length > 1) {
    // `Hateful 8`, too.
    for (const words of [rest, rest.map(inDigits), rest.map(inWords)]) {
      whole.push({ letters: words.join(''), isLoose: false, isShort: true })
    }
  }
  const unnamed = withoutPartWord(wordsOf(name))
  if (unnamed) whole.push({ letters: unnamed.join(''), isLoose: false, isShort: true })
  for (const words of otherWords(name)) {
    whole.push({ letters: words.join(''), isLoose: false, isShort: true })
  }
  if (/\p{Script=Cyrillic}/u.test(name)) {
    const letters = wordsOf(name).map(loosely).join('')
    whole.push({ letters, isLoose: true, isShort: false })
  }
  return whole
}

/** `Dr. Strangelove or: ...`, `Birdman or (...)`: a second name, which is seldom written. */
const SECOND_NAME = /^(.{2,100}?),? or(?:[:,]| \()/i

/** `Numb3rs` as `Numbers`, `Twelve Monkeys` as `12 Monkeys`, `Star Trek: The Next Generation` as `Star Trek TNG`. */
function otherWords(name: string): (readonly string[])[] {
  const words = wordsOf(name)
  const found: (readonly string[])[] = [words.map(withoutDigits)]
  // `Nine` and `9` are two films of one year.
  if (words.length > 1) found.push(words.map(inDigits), words.map(inWords))
  const [head = '', ...rest] = name.split(': ')
  const initials = wordsOf(rest.join(' '))
    .map(([letter]) => letter)
    .join('')
  // `US` and `TR` say the country of another series, or a language.
  const isCountry = countryOf(initials) !== undefined || isCountryLetters(initials)
  const isOther = isCountry || technicalWords.has(initials)
  if (/^[a-z]{2,5}$/.test(initials) && !isOther) found.push([...wordsOf(head), initials])
  const first = SECOND_NAME.exec(name)?.[1]
  return first === undefined ? found : [...found, wordsOf(first)]
}

/** Whether a text is the title and nothing else, in one of its ways. */
export function isTitle(text: string, facts: TitleFacts): boolean {
  const letters = wordsOf(text).join('')
  return titleKeys(facts).some((key) => !key.isShort && !key.isLoose && key.letters === letters)
}

/** As sources/names/name-tokens.ts has the words of a name. */
export function wordsOf(name: string): string[] {
  const found =
    folded(name)
      .replace(/&| \+ /g, ' and ')
      .match(/[\p{L}\p{N}×]+/gu) ?? []
  const words: string[] = []
  for (const word of found) words.push(sameWord(inLatin(word), words.at(-1)))
  return words
}

const LETTERS: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 'v' }

/** `Se7en` and `Numb3rs` are written `Seven` and `Numbers` too. */
const withoutDigits = (word: string): string =>
  word.replace(/(?<=[a-z])\d(?=[a-z])/g, (digit) => LETTERS[digit] ?? digit)

/** `Saw V` is written `Saw 5` too. */
function numbered(words: readonly string[]): readonly string[] {
  const last = words.at(-1)
  if (words.length < 2 || (last !== 'v' && last !== 'x')) return words
  return [...words.slice(0, -1), last === 'v' ? '5' : '10']
}

/** `Kill Bill: Vol. 2` is written `Kill Bill 2` too. The first part is as a rule the title of all. */
function withoutPartWord(words: readonly string[]): readonly string[] | undefined {
  const [part = '', last = ''] = words.slice(-2)
  const isLater = words.length > 2 && /^(?:[2-9]|1\d)$/.test(last)
  return isLater && isPartWord(part) ? [...words.slice(0, -2), last] : undefined
}

/** Behind the title that begins at `start`; undefined where it is another. */
function behindTitle(
  tokens: readonly Token[],
  start: number,
  { letters, isLoose }: TitleKey,
): number | undefined {
  let rest = letters
  let at = start
  for (; at < tokens.length && rest !== ''; at++) {
    const token = tokens[at]
    if (!token || (token.kind === 'break' && token.letters === '')) continue
    if (token.kind === 'and' && !rest.startsWith('and')) continue
    const own = token.kind === 'and' ? 'and' : isLoose ? loosely(token.letters) : token.letters
    if (!rest.startsWith(own)) return undefined
    rest = rest.slice(own.length)
  }
  return rest === '' ? at : undefined
}

/** Where the title stands in a name. */
export interface FoundTitle {
  readonly start: number
  /** The first token behind it. */
  readonly end: number
  readonly isShort: boolean
}

/** `Marvels.Daredevil`, `BBC.Planet.Earth`. */
const OWNERS = new Set(['marvels', 'dcs', 'disneys', 'bbc'])

/**
 * The title in the head of a name: at its beginning, behind a group or a year there, or as one of several
 * names of the same (`Тьма / Dark`, `Amélie AKA ...`, `[葬送/Sousou no Frieren]`).
 */
export function findTitle(tokens: readonly Token[], facts: TitleFacts): FoundTitle | undefined {
  const starts = startsIn(tokens)
  for (const key of titleKeys(facts)) {
    for (const start of starts) {
      const end = behindTitle(tokens, start, key)
      if (end !== undefined) return { start, end, isShort: key.isShort }
    }
  }
  return undefined
}

function startsIn(tokens: readonly Token[]): readonly number[] {
  const starts: number[] = []
  let isStart = true
  let hasWord = false
  let depth = 0
  for (const [at, { kind, letters, value }] of tokens.entries()) {
    if (kind === 'break') {
      isStart ||= value !== '-'
      depth = Math.max(0, depth + (value === '[' ? 1 : value === ']' ? -1 : 0))
      continue
    }
    if (isStart) starts.push(at)
    if (depth === 0 && isEnd(kind, value, hasWord)) break
    // A year in front, or whose series it is.
    isStart = (isStart && kind === 'year' && !hasWord) || (isStart && OWNERS.has(letters))
    hasWord ||= kind === 'word'
  }
  return starts
}

/** Behind the first mark and year there are names of episodes, and other films of a collection. */
const isEnd = (kind: Token['kind'], value: string, hasWord: boolean): boolean =>
  kind === 'mark' ? /\d/.test(value) && !value.startsWith('p') : kind === 'year' && hasWord
