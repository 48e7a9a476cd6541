import { isPartWord } from '../../names/word-classes.ts'
import { ARTICLE, type TitleKey, wordsOf } from './title-key.ts'

/** The number of a later part. */
const LATER = /^(?:[2-9]|1\d)$/
/** What stands between a title and its second: a colon, or a dash. */
const SUBTITLE = /(?:: | [-–] )(?=\S)/

/**
 * `Kill Bill: Vol. 2` is written `Kill Bill 2` and `Kill Bill Part 2` too, `John Wick: Chapter 3 - Parabellum`
 * `John Wick 3 Parabellum` and `John Wick 3`. The first part is as a rule the title of all.
 */
export function otherNumbers(name: string): (readonly string[])[] {
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

/** Where a number of the film may stand: in front of its second title, and of `Harry Potter 4 and the ...`. */
const NUMBERED = /(?:: | [-–] | (?=and the ))(?=\S)/
/** As other languages call the parts of a film. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  chapter: ['kapitel', 'capitulo', 'chapitre', 'capitolo', 'rozdzial'],
  part: ['parte', 'teil', 'partie', 'czesc'],
}

/** Ways to write a title of two or more: only with the film's year. */
export function subtitleKeys(name: string): TitleKey[] {
  const ways = [...withoutParts(name), ...inOtherLanguages(wordsOf(name))]
  const less = [...asFirst(name), withoutDepth(wordsOf(name))]
  const whole = [...ways, ...less].map((way) => ({
    ...{ letters: way.join(''), isLoose: false, isShort: true, isOfFilm: true },
    ...(less.includes(way) && { isLess: true }),
  }))
  return [...whole, ...beforeSubtitles(name)]
}

/**
 * `The Lord of the Rings Two Towers`, `Harry Potter Goblet of Fire`, `Star Wars The Empire Strikes Back`,
 * `Jurassic Park The Lost World`.
 */
function withoutParts(name: string): (readonly string[])[] {
  const parts = name.split(SUBTITLE).map(wordsOf)
  const [first = [], second = []] = parts
  const joined = name.split(NUMBERED).map(wordsOf)
  const found = [joined.flatMap((part, at) => (at > 0 ? withoutJoint(part) : part))]
  if (parts.length < 2) return (joined[0] ?? []).length > 1 ? found : []
  if (ARTICLE.test(first[0] ?? '') && first.length > 1) found.push(found[0]?.slice(1) ?? [])
  const at = parts.findIndex((part, i) => i > 0 && i < parts.length - 1 && isPart(part))
  const number = parts[at]?.[1]
  if (number !== undefined) {
    const roman = { 1: 'i', 5: 'v', 10: 'x' }[number] ?? number
    found.push(parts.toSpliced(at, 1).flat(), parts.with(at, [roman]).flat())
  }
  if (parts.length === 2 && !isPart(second)) found.push([...second, ...first])
  return found
}

const isPart = ([word = '', number = '', ...more]: readonly string[]): boolean =>
  isPartWord(word) && /^\d{1,2}$/.test(number) && more.length === 0

/** Without `and the`, or an article. */
function withoutJoint(words: readonly string[]): readonly string[] {
  const [first = '', second = ''] = words
  if (first === 'and' && second === 'the' && words.length > 2) return words.slice(2)
  return ARTICLE.test(first) && words.length > 1 ? words.slice(1) : words
}

/** `John Wick Kapitel 4` */
function inOtherLanguages(words: readonly string[]): (readonly string[])[] {
  const at = words.findIndex((word, i) => i > 0 && isPart([word, words[i + 1] ?? '']))
  return (PARTS[words[at] ?? ''] ?? []).map((word) => words.with(at, word))
}

/** `Texas Chainsaw 3D`: how it was shown. */
const withoutDepth = (words: readonly string[]): readonly string[] =>
  words.length > 1 && words.at(-1) === '3d' ? words.slice(0, -1) : []

/** `Dune: Part One` was `Dune` before there was a second: of its year there is no other. */
function asFirst(name: string): (readonly string[])[] {
  const parts = name.split(SUBTITLE).map(wordsOf)
  const last = parts.at(-1) ?? []
  return parts.length > 1 && isPart(last) && last[1] === '1' ? [parts.slice(0, -1).flat()] : []
}

/** `The Lord of the Rings: The Two Towers` is written with a 2 before its second title too. */
function beforeSubtitles(name: string): TitleKey[] {
  const parts = name.split(NUMBERED)
  const [first = '', second = ''] = name.split(SUBTITLE)
  const ways = parts.slice(1).flatMap((_, at) => {
    const [head, behind] = [parts.slice(0, at + 1), parts.slice(at + 1)].map((some) =>
      wordsOf(some.join(' ')),
    )
    return [
      [head, behind],
      [head, withoutJoint(behind ?? [])],
    ]
  })
  if (second !== '') ways.push([wordsOf(second), wordsOf(first)])
  return ways.flatMap(([head = [], behind = []]) => {
    // A number of its own tells which it is.
    if (head.some((word) => /\d/.test(word)) || head.length === 0) return []
    const letters = [...head, ...behind].join('')
    return [{ letters, gap: head.join('').length, isLoose: false, isShort: true }]
  })
}
