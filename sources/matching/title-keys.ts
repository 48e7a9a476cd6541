import { folded, inLatin, loosely } from '../names/fold.ts'
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
  /** Behind so many letters stands a number that is not of the title. */
  readonly gap?: number
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
    const id = `${key.isLoose} ${key.gap} ${key.letters}`
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
  if (ARTICLE.test(first) && rest.length > 0) {
    // `Matrix, The`
    whole.push({ letters: [...rest, first].join(''), isLoose: false, isShort: false })
  }
  for (const words of [...otherNumbers(name), ...otherWords(name)]) {
    whole.push({ letters: words.join(''), isLoose: false, isShort: true })
  }
  const sequel = beforeSubtitle(name)
  if (sequel) whole.push({ ...sequel, isLoose: false, isShort: true })
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

/** The number of a later part. */
const LATER = /^(?:[2-9]|1\d)$/
/** What stands between a title and its second: a colon, or a dash. */
const SUBTITLE = /(?:: | [-–] )(?=\S)/

/**
 * `Kill Bill: Vol. 2` is written `Kill Bill 2` and `Kill Bill Part 2` too, `John Wick: Chapter 3 - Parabellum`
 * `John Wick 3 Parabellum` and `John Wick 3`. The first part is as a rule the title of all.
 */
function otherNumbers(name: string): (readonly string[])[] {
  const parts = name.split(SUBTITLE)
  const heads = parts.map((_, at) => wordsOf(parts.slice(0, at + 1).join(' ')))
  return heads.flatMap((words) => {
    const [part = '', last = ''] = words.slice(-2)
    if (!LATER.test(last) || !words.some((word) => /\p{L}/u.test(word))) return []
    const behind = wordsOf(name).slice(words.length)
    if (!isPartWord(part) || words.length < 3) return behind.length === 0 ? [] : [words]
    const front = words.slice(0, -2)
    return [
      [...front, last],
      [...front, 'part', last],
      [...front, last, ...behind],
    ]
  })
}

/** `The Lord of the Rings: The Two Towers` is written with a 2 before its second title too. */
function beforeSubtitle(name: string): Pick<TitleKey, 'letters' | 'gap'> | undefined {
  const [head = '', ...rest] = name.split(SUBTITLE)
  const words = wordsOf(head)
  if (rest.length === 0 || words.some((word) => /\d/.test(word))) return undefined
  return { letters: wordsOf(name).join(''), gap: words.join('').length }
}
