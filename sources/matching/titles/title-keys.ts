import { loosely } from '../../names/fold.ts'
import {
  countryOf,
  inDigits,
  inWords,
  isCountryLetters,
  sameCountry,
  technicalWords,
} from '../../names/word-classes.ts'
import { otherNumbers, subtitleKeys } from './second-titles.ts'
import type { TitleFacts } from './title-facts.ts'
import { ARTICLE, type TitleKey, wordsOf } from './title-key.ts'

const SPELLED_OUT: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  å: 'aa',
  ø: 'oe',
  đ: 'dj',
}
/** `Ghosts (US)`, `Shameless (2011)`: not of the name. */
const ADDED = /\((?:(?:18|19|20)\d\d|us|uk|au|nz|ca)\)$/i
/** `Marvels.Daredevil`, `BBC.Planet.Earth`. */
export const OWNERS: ReadonlySet<string> = new Set(['marvels', 'dcs', 'disneys', 'bbc'])
const MAX_ALIASES = 30
const known = new WeakMap<TitleFacts, readonly TitleKey[]>()

/** Every way in which its name and aliases are written, the full ones first. */
export function titleKeys(facts: TitleFacts): readonly TitleKey[] {
  const before = known.get(facts)
  if (before) return before
  const names = [facts.name, ...(facts.aliases ?? [])].slice(0, MAX_ALIASES)
  const keys = new Map<string, TitleKey>()
  for (const key of names.flatMap((name, of) => keysOf(name).map((key) => ({ ...key, of })))) {
    const id = `${key.isLoose} ${key.gap} ${key.letters}`
    const before = keys.get(id)
    const isSurer =
      !key.isShort || (before?.isOfFilm && !key.isOfFilm) || (before?.isLess && !key.isLess)
    if (key.letters !== '' && (!before || isSurer)) keys.set(id, key)
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
  const words = wordsOf(name)
  const spellings = [words, wordsOf(spelledOut), words.map(inFull), withoutOwner(words)]
  const whole: TitleKey[] = spellings.flatMap((one) => {
    const all = [one, withoutAnd(one), numbered(one)]
    return all.map((way) => ({ letters: way.join(''), isLoose: false, isShort: false }))
  })
  const [first = '', ...rest] = words
  if (ARTICLE.test(first) && rest.length > 1) {
    // `Hateful 8`, too.
    for (const way of [rest, rest.map(inDigits), rest.map(inWords)]) {
      whole.push({ letters: way.join(''), isLoose: false, isShort: true })
    }
  }
  if (ARTICLE.test(first) && rest.length > 0) {
    // `Matrix, The`
    whole.push({ letters: [...rest, first].join(''), isLoose: false, isShort: false })
  }
  for (const way of [...otherNumbers(name), ...otherWords(name)]) {
    whole.push({ letters: way.join(''), isLoose: false, isShort: true })
  }
  for (const way of inOtherWords(name)) {
    whole.push({ letters: way.join(''), isLoose: false, isShort: false })
  }
  whole.push(...subtitleKeys(name))
  if (/\p{Script=Cyrillic}/u.test(name)) {
    const letters = words.map(loosely).join('')
    whole.push({ letters, isLoose: true, isShort: false })
  }
  return whole
}

/** What `&` is called. */
const AND = ['et', 'und', 'y', 'e', 'i', 'og', 'och', 'en']

/** `Astérix et Obélix` of `Astérix & Obélix`, `Love Island AU` of `Love Island Australia`. */
function inOtherWords(name: string): (readonly string[])[] {
  const words = wordsOf(name)
  // `B & E` would be `bee`.
  const isWord = words.every((word) => word.length > 1)
  const joined = name.includes('&') && isWord ? AND : []
  // `The Last of Us` is no country.
  const isCountry = words.length > 1 && (words.at(-1) !== 'us' || /\bU\.?S\W*$/.test(name))
  const countries = isCountry ? sameCountry(words.at(-1) ?? '') : []
  return [
    ...joined.map((and) => words.map((word) => (word === 'and' ? and : word))),
    ...countries.map((country) => [...words.slice(0, -1), country]),
  ]
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
  if (/^[a-z]{2,5}$/.test(initials) && !isOther) {
    found.push([...wordsOf(head), initials], [...withoutAnd(wordsOf(head)), initials])
  }
  const first = SECOND_NAME.exec(name)?.[1]
  return first === undefined ? found : [...found, wordsOf(first), wordsOf(first).map(inFull)]
}

/** Whether a text is the title and nothing else, in one of its ways. */
export function isTitle(text: string, facts: TitleFacts): boolean {
  const letters = wordsOf(text).join('')
  return titleKeys(facts).some((key) => !key.isShort && !key.isLoose && key.letters === letters)
}

const withoutAnd = (words: readonly string[]): readonly string[] =>
  words.filter((word) => word !== 'and')

const SHORT: Readonly<Record<string, string>> = { doctor: 'dr', saint: 'st', mount: 'mt' }
const FULL = Object.fromEntries(Object.entries(SHORT).map(([full, short]) => [short, full]))

/** `Dr. Who` as `Doctor Who`, and the other way round. */
const inFull = (word: string): string => SHORT[word] ?? FULL[word] ?? word

/** `Marvel's Agents of S.H.I.E.L.D.`; of one or two words there may be other series: `Marvel's Spider-Man`. */
const withoutOwner = (words: readonly string[]): readonly string[] =>
  words.length > 3 && OWNERS.has(words[0] ?? '') ? words.slice(1) : words

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
