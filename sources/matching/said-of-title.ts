import { marksIn, type NameMarks } from '../names/name-marks.ts'
import type { Token } from '../names/read-tokens.ts'
import { isCountryLetters } from '../names/word-classes.ts'
import type { FoundTitle } from './find-title.ts'

/** What a name says behind its title. */
export interface SaidOfTitle extends NameMarks {
  /** Words that belong to another, longer title. */
  readonly hasMoreWords: boolean
  /** A number alone right behind the title, as written. */
  readonly number: string | undefined
  /** Nothing but years stands between that and a season. */
  readonly isNumberLast: boolean
  readonly years: readonly Span[]
  /** Of a disc, or made anew: sold years later. */
  readonly isReissue: boolean
  /** Right behind the first mark, before words of a release: `S01E03.2019.1080p`. An episode may be called so. */
  readonly yearBehind: number | undefined
  readonly countries: readonly string[]
  /** One of them stands in front of year and season: `Escape Thailand 2019`. */
  readonly isCountryInHead: boolean
  /** Letters alone between title and season that are a country's and a language's: `FR`. */
  readonly version: string | undefined
  /** Beside the episodes, or no video: OVA, soundtrack. */
  readonly isAside: boolean
  /** Says `XXX`, which is no title of it. */
  readonly isParody: boolean
  /** Right behind title, year or season: a trailer, extras, a soundtrack. */
  readonly isExtra: boolean
  /**
   * Its episodes count from the beginning of a later part on: `Part 2 - 05`, `Cour 2 - 05`; `perhaps` where
   * they are called so, for `S04.Part.2.E08` is the eighth of the season to some.
   */
  readonly countedAnew: 'surely' | 'perhaps' | undefined
  /** As broadcasts were recorded when `103` was the way to number episodes. */
  readonly isBroadcast: boolean
}

export interface Span {
  readonly from: number
  /** Infinite of one without an end: `2016-`. */
  readonly to: number
  /** Right behind another year, or added to it: `2012 + 2015`. */
  readonly isJoined: boolean
}

/** `Original Soundtrack`, but not `All Episodes Extras`: those are more than the extras. */
const EXTRA =
  /^(?:the )?(?:\S{1,40} )?(?:trailers?|teasers?|samples?|featurettes?|bloopers|deleted scenes?|making of|behind the scenes|gag reel|extras|bonus(?: dis[ck]s?)?|ost|soundtracks?|epub|pdf|audiobook|comics?|graphic novels?|cbr|cbz)(?: \d{1,2})?$/
/** `with Extras` is more than the extras; so is `+ Extras`, where a break stands. */
const BESIDE = /(?:^| )(?:with|w|incl|including|inkl|plus|and|mit|avec|con)(?: |$)/
const REISSUE =
  /^(?:blu-?ray|bd|bdrip|brrip|bdremux|remux|u?hd-?dvd|dvd.{0,4}|remaster(?:ed|izado)?)$/
const BROADCAST = /^(?:hdtv|hdtvrip|pdtv|dsr|dsrip|tvrip|xvid|dvdrip|lol)/

/** @param found where the title stands; undefined: nowhere, then words say nothing */
export function saidOfTitle(
  tokens: readonly Token[],
  found?: Pick<FoundTitle, 'start' | 'end' | 'year'>,
): SaidOfTitle {
  const { start, end: from, year } = found ?? { start: 0, end: 0 }
  const own = year === undefined ? [] : [{ from: year, to: year, isJoined: false }]
  const isFound = found !== undefined
  const behind = tokens.slice(from)
  // `Название (4 сезон: 7 серия) / Name`: the season stands with the other name.
  const marks = marksIn(behind.some(isNumbered) ? behind : [...tokens.slice(0, start), ...behind])
  const firstMark = behind.findIndex(isNumbered)
  const head = headOf(tokens, from, firstMark < 0 ? tokens.length : from + firstMark)
  return {
    ...marks,
    ...head,
    years: [...leadingYear(tokens, start), ...own, ...head.years],
    isReissue: tokens.some(({ letters }, at) => at >= from && REISSUE.test(letters)),
    yearBehind: yearBehind(behind.slice(firstMark + 1)),
    hasMoreWords: isFound && head.hasMoreWords,
    number: isFound ? head.number : undefined,
    isAside: tokens.some(({ kind }, at) => at >= from && kind === 'aside'),
    isParody: tokens.some(({ letters }, at) => at >= from && letters === 'xxx'),
    isExtra: isExtra(tokens, from, isFound),
    countedAnew: countedAnew(behind),
    isBroadcast: tokens.some(
      ({ kind, letters }) => kind === 'technical' && BROADCAST.test(letters),
    ),
  }
}

const isNumbered = ({ kind, value }: Token): boolean => kind === 'mark' && /\d/.test(value)

function isExtra(tokens: readonly Token[], from: number, isFound: boolean): boolean {
  const season = tokens.findIndex((token) => isSeason(token))
  return tokens.some(({ kind, value }, at) => {
    if (isFound && at === from && isExtraAt(tokens, at)) return true
    // `S00 Extras` are the specials; behind a later season they go with those in front.
    const isHead =
      kind === 'year' ||
      (at === season && !/^s0/.test(value)) ||
      (kind === 'mark' && /^(?:all|mini|tv)$/.test(value))
    const isLast = !tokens.slice(at + 1).some(isNumbered)
    return at >= from && isHead && isLast && isExtraAt(tokens, at + 1)
  })
}

const isSeason = ({ kind, value }: Token): boolean => kind === 'mark' && /^s[\d,-]+$/.test(value)

function isExtraAt(tokens: readonly Token[], start: number): boolean {
  const words = wordsFrom(tokens, start)
  return EXTRA.test(words) && !BESIDE.test(words)
}

/** Up to what is no word; brackets may stand in front. */
function wordsFrom(tokens: readonly Token[], start: number): string {
  const words: string[] = []
  for (const { kind, value, letters } of tokens.slice(start)) {
    const isBracket = words.length === 0 && kind === 'break' && /[[\]]/.test(value)
    if (isBracket) continue
    if (kind !== 'word' && kind !== 'aside' && kind !== 'and') break
    words.push(kind === 'and' ? 'and' : letters)
  }
  return words.join(' ')
}

function countedAnew(tokens: readonly Token[]): SaidOfTitle['countedAnew'] {
  const said = tokens.filter(({ kind }) => kind !== 'break')
  const counted = said.find(({ kind, value }, at) => {
    if (kind !== 'mark' || !/^[en]\d/.test(value)) return false
    const [word, number] = [said[at - 2], said[at - 1]]
    const isCour = word?.letters === 'cour' && Number(number?.letters) > 1
    return isCour || (number?.kind === 'mark' && /^p(?:[2-9]|\d\d)$/.test(number.value))
  })
  return counted && (counted.value.startsWith('e') ? 'perhaps' : 'surely')
}

/** Years count in front of the first mark, and in brackets: a year behind it may be an episode's name. */
function headOf(tokens: readonly Token[], from: number, firstMark: number) {
  const years: Span[] = []
  const countries: string[] = []
  let version: string | undefined
  let isCountryInHead = false
  let depth = 0
  /** Another name of the same, another script's, or a bracket: its words are not of the title. */
  let isOther = false
  let isHead = true
  let hasMoreWords = false
  let number: string | undefined
  let isNumberLast = /^s\d/.test(tokens[firstMark]?.value ?? '')
  for (const [at, token] of tokens.entries()) {
    if (at < from) continue
    const { kind, value, letters } = token
    if (kind === 'break') {
      if (value === '[') depth++
      if (value === ']') depth = Math.max(0, depth - 1)
      isOther = value === '/' || value === ';' ? true : isOther && value !== '['
    }
    if (kind === 'year' && (at < firstMark || depth > 0))
      years.push(spanIn(value, isJoined(tokens, from, at)))
    if (at >= firstMark || kind === 'year') isHead = false
    if (isHead && isCountryLetters(letters) && isAlone(tokens, from, at, firstMark)) {
      version = letters
    }
    // `(2013) [Wersja Polska]` is the language, and `[05][1080p][GB]` how Chinese is written.
    const isCountry = isHead || (depth > 0 && letters !== 'polska' && letters !== 'gb')
    if (kind === 'country' && isCountry) {
      countries.push(value)
      isCountryInHead ||= isHead
    }
    if (at === from && isHead && isUltimate(token, tokens[at + 1])) hasMoreWords = true
    if (at === firstMark - 1 && isNamedSo(tokens, from, at)) hasMoreWords = true
    if (!isHead || depth > 0 || isOther || (kind !== 'word' && kind !== 'and')) continue
    if (at === from && /^\d{1,4}(?:v\d|nd|rd|th)?$/.test(letters)) number = letters
    else if (at === from && letters === 'i') number = '1'
    // `The Lion King 1.5`
    else if (at === from + 1 && number === '1' && /^\d$/.test(letters)) number = `1.${letters}`
    else if (isLater(number)) isNumberLast = false
    else if (letters !== 'the' && letters !== 'tv') hasMoreWords = true
  }
  return { years, countries, isCountryInHead, version, hasMoreWords, number, isNumberLast }
}

/** Behind `2` nothing else counts: it is another already. `If I Stay` is not the first `If`. */
const isLater = (number: string | undefined): boolean => number !== undefined && number !== '1'

/** `Hellsing Ultimate` is another series; an `Ultimate Edition`, or an `Ultimate Cut`, is the same film. */
const isUltimate = ({ letters }: Token, next: Token | undefined): boolean =>
  letters === 'ultimate' && next?.kind !== 'technical' && next?.kind !== 'year'

/** Words of releases that name another series where they alone stand between a title and its episode. */
const NAMES = new Set(['max', 'final', 'special', 'real'])

/** `Ultraman Max - 03`, `Fruits Basket The Final - 03`; in front of a season they say how it was made. */
const isNamedSo = (tokens: readonly Token[], from: number, at: number): boolean =>
  NAMES.has(tokens[at]?.letters ?? '') &&
  /^[en]\d/.test(tokens[at + 1]?.value ?? '') &&
  tokens.slice(from, at).every(({ letters, value }) => letters === 'the' || value === '-')

/**
 * `Ghosts.FR.S01E01`, `MasterChef (PL) S05`: nothing else stands between the title and its season. In front of an
 * episode alone, as of anime, such letters are the language: `[Fansub] Show [FR] - 05`.
 */
const isAlone = (tokens: readonly Token[], from: number, at: number, firstMark: number): boolean =>
  /^s\d/.test(tokens[firstMark]?.value ?? '') &&
  tokens.slice(from, firstMark).every(({ kind }, i) => from + i === at || kind === 'break')

function yearBehind([year, next]: readonly Token[]): number | undefined {
  return year?.kind === 'year' && isLast(next) ? Number(year.value) : undefined
}

/** Whether what stands in front of it is no part of an episode's name. */
const isLast = (next: Token | undefined): boolean =>
  next === undefined || next.kind === 'technical' || next.kind === 'country'

/** `1968 - Night of the Living Dead` */
function leadingYear(tokens: readonly Token[], start: number): Span[] {
  const at = tokens.findIndex(({ kind }) => kind !== 'break')
  const first = tokens[at]
  const second = tokens[at + 1]
  if (first?.kind !== 'year' || at >= start || second?.kind !== 'break') return []
  return [spanIn(first.value, false)]
}

/** Brackets alone do not join: `(2012) [2015 Remaster]`; nor does `(2012/2013)`, which is one film. */
function isJoined(tokens: readonly Token[], from: number, at: number): boolean {
  const year = tokens.slice(from, at).findLastIndex(({ kind }) => kind === 'year')
  if (year < 0) return false
  const between = tokens.slice(from + year + 1, at)
  const isSign = ({ kind, value }: Token): boolean => kind === 'and' || value === '-'
  return (
    between.every((token) => token.kind === 'break' || isSign(token)) &&
    (between.length === 0 || between.some(isSign))
  )
}

function spanIn(value: string, isJoined: boolean): Span {
  const [from, to = from] = value.split('-')
  return {
    ...{ from: Number(from), to: to === '' ? Number.POSITIVE_INFINITY : Number(to) },
    isJoined,
  }
}
