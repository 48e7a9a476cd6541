import { inLatin } from './fold.ts'
import { at, continued, type FoundMark, type Reader, reader } from './mark-reader.ts'
import { HAN, hanNumber, MARK_WORDS, technicalWords } from './word-classes.ts'

const { SEASON, EPISODE, AFTER_NUMBER, ORDINALS, WORDS, MONTHS } = MARK_WORDS
const GAP = '[ ._]{0,3}'
/** Not the height of a picture, nor a part of a longer number. */
const END = '(?![\\dpi])'
/** `-E03`, `E03`, `+ E03`, `-03`, `x03`, `.S01E03`, `-1x03` behind an episode. */
const MORE_EPISODES = at(
  `${GAP}(?:(-|–|~|to)|[+&,]|and|x(?=\\d\\d(?!\\d)))?${GAP}(?:s(\\d{1,4})${GAP}|(\\d{1,2})x)?(?:(e)p?)?(\\d{1,4})(?!\\d|[pi](?![a-z])|x\\d)`,
)
/** `-S05`, `-5`, `, 3`, `& 5`, `.S02`, ` - Season 5` behind a season. */
const MORE_SEASONS = at(
  `(?:a|o|th|nd|rd)?${GAP}(?:(-|–|~|(?:to|a|bis|thru|through)(?![a-z]))|[+&,]|and)?${GAP}(?:(s|t|${SEASON}[ ._]{1,2})(\\d{1,2})|(\\d{1,2})(?!\\.\\d(?!\\d)|[.]?${GAP}${AFTER_NUMBER}))(?![\\d\\p{L}])`,
)

const PAIR = at(`[st](\\d{1,4})[ ._-]{0,3}x?ep?(?:isode)?[ ._-]?(\\d{1,4})(?:v\\d)?(?!\\d)`)
/** `T4 Cap 12` */
const SPANISH = at('t(\\d{1,2})[ ._-]{1,3}cap(?:itulo)?s?[ ._]{0,2}(\\d{1,2})(?![\\dpi])')
/** `T4 Cap 412`, `T4 Cap 412-413`: the season twice. */
const SPANISH_TWICE = at(
  't(\\d{1,2})[ ._-]{1,3}cap(?:itulo)?s?[ ._]{0,2}\\1(\\d\\d)(?:[ ._]?[-–_][ ._]?\\1(\\d\\d))?(?![\\dpi])',
)
/** `S01E01-S03E09`: whole seasons, as far as anybody can tell. */
const ACROSS = at('s(\\d{1,2})e\\d{1,3}[ ._]?[-–][ ._]?s(\\d{1,2})e\\d{1,3}(?!\\d)')
/** `3 x 05`, but not `3 x 60 min` nor `DD 5 1 x 264`. Folding puts blanks around `×`. */
const CROSSED = at(
  `(?:[st](?=\\d{1,2}x\\d\\d))?(\\d{1,2}|(?:19|20)\\d\\d(?=x\\d\\d(?!\\d)))(?:x| {0,2}× {0,2}| x (?=\\d\\d(?!\\d)))(\\d{2,3})(?![\\dpi]|${GAP}min)`,
)
/** `[1.02]`; not the shape of a picture. */
const DOTTED = at(
  '(?<=[[(])(?!1\\.(?:33|37|66|78|85)|2\\.(?:20|35|39|40|55))(\\d{1,2})\\.(\\d\\d)(?=[\\])])',
)
const SEASON_DASH = at(
  `(?:s(\\d{1,2})|${SEASON}${GAP}(\\d{1,2})|(\\d{1,2})(?:st|nd|rd|th)[ ._]season)[)\\]]?[ ._]{1,3}-[ ._]{1,3}(\\d{1,4})(?:v\\d)?(?![\\d\\p{L}-])`,
)
const SEASON_WORD = at(
  `${SEASON}[ ._:-]{0,3}(\\d{1,2}|(?:19|20)\\d\\d(?=${GAP}${EPISODE}))${END}(?!\\d|\\.\\d(?!\\d|${GAP}(?:of|из|von)))`,
)
const SEASON_SPELLED = at(`${SEASON}[ ._]{1,2}(${WORDS.join('|')})(?!\\p{L})`)
const ORDINAL_WORD = at(`(${ORDINALS.join('|')})[ ._]{1,2}season(?!\\p{L})`)
const ORDINAL = at(
  `(\\d{1,2})(?:st|nd|rd|th|[ao]|\\.|-?(?:и|ыи|ии|ои))?(?:${GAP}(?:-|–|a|to)${GAP}(\\d{1,2})(?:[ao]|-?и)?)?${GAP}${SEASON}(?!\\p{L}|[ ._]{1,3}\\d{1,2}(?!\\d|[.]?${GAP}${AFTER_NUMBER}))`,
)
const HAN_SEASON = at(`第[ ._]*(${HAN})[ ._]*[季期]`)
const KOREAN_SEASON = at('시즌[ ._]*(\\d{1,2})(?!\\d)')
const SEASONS = at('(?:s(\\d{1,2}|(?:19|20)\\d\\d)|t(\\d\\d))(?![\\d\\p{L}])')
/** Spanish: `Cap.408` is the eighth of the fourth season. */
const CAP = at(`cap(?:itulo)?s?[ ._]{0,2}([1-9]\\d?)(\\d\\d)(?:[_-](\\d{1,2})(\\d\\d))?${END}`)
const EPISODE_WORD = at(
  `${EPISODE}[ ._:#-]{0,3}(?:n[o°]?[ ._]{1,2})?(\\d{1,4})(?:v\\d)?(?![\\dpi]|\\.\\d{2})`,
)
const BEFORE_WORD = at(
  `(\\d{1,4})(?:${GAP}[-–]${GAP}(\\d{1,4}))?(?:\\.|-?(?:я|ая|и))?${GAP}${AFTER_NUMBER}(?!\\p{L})`,
)
const HAN_EPISODE = at(
  `第[ ._]*(${HAN})[集话話回]?(?:[ ._]*[-–~][ ._]*第?(${HAN}))?[ ._]*[集话話回]`,
)
/** `全50集`, `1-76集全`: all of a series, if nothing else numbers it (name-tokens.ts). */
const HAN_ALL = at('全[ ._]*(\\d{1,4})[集话話回]|(\\d{1,4})[-–~](\\d{1,4})[集话話回](?:全)?')
const KOREAN_EPISODE = at('(?:제)?(\\d{1,4})(?:화|회)(?!\\p{L})')
const OF = at(
  `(\\d{1,3})(?:${GAP}[-–]${GAP}(\\d{1,3}))?${GAP}(?:of|из|von|de)${GAP}\\d{1,3}(?![\\d\\p{L}])`,
)
const LETTER = at('ep?[ ._]?(?!(?:19|20)\\d\\d(?!\\d))(\\d{1,4})(?:v\\d)?(?![\\d\\p{L}])')
const PART = at(
  `(?:part[e]?|pt|teil|часть)[ ._-]{0,2}(\\d{1,2}|ii|iii|iv|v|vi|${WORDS.join('|')})(?![\\d\\p{L}])`,
)
const RANGE = at(`(\\d{1,4})${GAP}[-–~]${GAP}(\\d{2,4})(?![\\d\\p{L}]|\\.\\d)`)
const ISO_DATE = at('((?:19|20)\\d\\d)[ ._-](\\d\\d)[ ._-](\\d\\d)(?!\\d)')
const DAY_FIRST = at('(\\d\\d)[ ._-](\\d\\d)[ ._-]((?:19|20)\\d\\d)(?!\\d)')
const SPELLED_DATE = at(
  `(\\d{1,2})(?:st|nd|rd|th)?[ ._](${MONTHS.join('|')})[a-z]{0,6}[ ._]((?:19|20)\\d\\d)(?!\\d)`,
)
const MONTH_FIRST = at(
  `(${MONTHS.join('|')})[a-z]{0,6}[ ._](\\d{1,2})(?:st|nd|rd|th)?(?:, ?|[ ._])((?:19|20)\\d\\d)(?!\\d)`,
)
const TIGHT_DATE = at('(20\\d\\d)(\\d\\d)(\\d\\d)(?!\\d)')
const SPECIAL = at('(?:sp|special)[ ._-]{0,2}(\\d{1,3})(?![\\dpi])')

/** The text is folded (fold.ts), `from` the beginning of a word. Undefined where no mark begins. */
export function markAt(text: string, from: number): FoundMark | undefined {
  for (const read of READERS) {
    const found = read(text, from)
    if (found) return found
  }
  return undefined
}

/** A number of one digit, or words behind it that tell nothing of how a release was made. */
function isTitled({ 0: whole, index, input }: RegExpExecArray): boolean {
  const word = /^[ ._]{1,3}(\p{L}[\p{L}\d]*)/u.exec(input.slice(index + whole.length))?.[1]
  return /\D\d$/.test(whole) || (word !== undefined && !technicalWords.has(inLatin(word)))
}

/** `Part 01 - 10`, `Part 1 - 10` without a season, but not `Part 1 - 05`. */
const isShortSeries = ({ 0: whole, index, input }: RegExpExecArray): boolean =>
  /\D(?:01\D{1,9}\d|1\D{1,9}[1-9])\d$/.test(input.slice(0, index + whole.length)) &&
  !/(?:season ?|s)\d/.test(input.slice(0, index))

/**
 * `E01E02` is a list of episodes, `E01-E03` and `E01-03` are ranges; `E01 - 7 Days` is one, and so is
 * `S03E02 - 1x03`.
 */
const withMore = continued(MORE_EPISODES, (more, last, value) => {
  const [whole, range, short, crossed, letter, digits = ''] = more
  const next = Number(digits)
  const season = short ?? crossed
  // `Part 1 E01-E06`, `Part 2 - 05`: episodes are no more parts.
  const isEpisode = letter || (/ \d\d/.test(whole) && !isShortSeries(more))
  if (isEpisode && value.startsWith('p')) return undefined
  if (season !== undefined && !value.startsWith(`s${Number(season)}e`)) return undefined
  if (range && !letter && /[ ._]\d+$/.test(whole) && isTitled(more)) return undefined
  // A number behind a blank may be the year, or the beginning of the episode's name.
  const isNext = /^_\d\d$/.test(whole) && next === last + 1
  const isListed = letter !== undefined || season !== undefined || /^x|[+&,]/.test(whole)
  const isOther = (range && next - last > 300) || (!letter && digits.length > 3)
  return (range ? next > last : isListed || isNext) && !isOther ? next : undefined
})

const withMoreSeasons = continued(
  MORE_SEASONS,
  ([whole, range, letter, lettered, digits], last) => {
    const next = Number(lettered ?? digits)
    const isListed = range || letter !== undefined || /[+&,]|and/.test(whole)
    return next > last && (isListed || next === last + 1) ? next : undefined
  },
)

const number = (text: string | undefined): number => Number(text)
const range = (a: string | undefined, b: string | undefined): string =>
  b === undefined ? `${number(a)}` : `${number(a)}-${number(b)}`
const spelled = (words: readonly string[], word = ''): number => words.indexOf(word) + 1
const ROMAN = ['ii', 'iii', 'iv', 'v', 'vi']
const isYear = (digits: string): boolean => /^(?:19|20)\d\d$/.test(digits)

const two = (value: number): string => String(value).padStart(2, '0')

function dateOf(year = '', month = '', day = ''): string | undefined {
  const isDate = number(month) >= 1 && number(month) <= 12 && number(day) >= 1 && number(day) <= 31
  return isDate ? `d${year}-${month}-${day}` : undefined
}

/** `Digimon 02 - 03`, `Gundam 00 - 03`; `00 - 12` is all of it, and `02 - 24 Hours` the second's name. */
const isSequel = (range: string, behind: string): boolean =>
  /^0(?:2 - \d+|0 - 0?\d)$/.test(range) && !/^ \p{L}/u.test(behind)

/** The surest first. */
const READERS: readonly Reader[] = [
  reader(ISO_DATE, ([, year, month, day]) => dateOf(year, month, day)),
  reader(
    DAY_FIRST,
    ([, first, second, year]) => dateOf(year, second, first) ?? dateOf(year, first, second),
  ),
  reader(SPELLED_DATE, ([, day, month = '', year]) =>
    dateOf(year, two(MONTHS.indexOf(month) + 1), two(number(day))),
  ),
  reader(MONTH_FIRST, ([, month = '', day, year]) =>
    dateOf(year, two(MONTHS.indexOf(month) + 1), two(number(day))),
  ),
  reader(TIGHT_DATE, ([, year, month, day]) => dateOf(year, month, day)),
  reader(ACROSS, ([, first, last]) =>
    number(first) < number(last) ? `s${range(first, last)}` : undefined,
  ),
  withMore(reader(PAIR, ([, season, episode]) => `s${number(season)}e${number(episode)}`)),
  withMore(reader(SPANISH, ([, season, episode]) => `s${number(season)}e${number(episode)}`)),
  reader(SPANISH_TWICE, ([, season, first, last]) => `s${number(season)}e${range(first, last)}`),
  reader(DOTTED, ([, season, episode]) => `s${number(season)}e${number(episode)}`),
  withMore(reader(CROSSED, ([, season, episode]) => `s${number(season)}e${number(episode)}`)),
  reader(SEASON_DASH, ([whole, short, long, ordinal, episode = '']) =>
    // `Seasons 1 - 5`, and `Series 1 - 5`: a span of seasons.
    long !== undefined &&
    (/^(?:\p{L}+s|серии)[ ._\d]/u.test(whole) ? !/^0/.test(episode) && number(long) === 1 : false)
      ? undefined
      : `s${number(short ?? long ?? ordinal)}e${number(episode)}`,
  ),
  withMoreSeasons(reader(ORDINAL, ([, first, last]) => `s${range(first, last)}`)),
  withMoreSeasons(reader(SEASON_WORD, ([, season]) => `s${number(season)}`)),
  reader(SEASON_SPELLED, ([, word]) => `s${spelled(WORDS, word)}`),
  reader(ORDINAL_WORD, ([, word]) => `s${spelled(ORDINALS, word)}`),
  reader(HAN_SEASON, ([, season]) => `s${hanNumber(season)}`),
  reader(KOREAN_SEASON, ([, season]) => `s${number(season)}`),
  withMoreSeasons(reader(SEASONS, ([, season, ofT]) => `s${number(season ?? ofT)}`)),
  reader(CAP, ([, season, first, , last]) => `s${number(season)}e${range(first, last)}`),
  withMore(reader(EPISODE_WORD, ([, episode]) => `e${number(episode)}`)),
  reader(BEFORE_WORD, ([, first, last]) => `e${range(first, last)}`),
  reader(HAN_EPISODE, ([, first, last]) => {
    return `e${range(hanNumber(first), last && hanNumber(last))}`
  }),
  reader(HAN_ALL, ({ 1: all, 2: first = '1', 3: last = all, input }) =>
    all === undefined && /第[ ._]*\d/.test(input) ? undefined : `e${range(first, last)}`,
  ),
  reader(KOREAN_EPISODE, ([, episode]) => `e${number(episode)}`),
  reader(OF, ([, first, last]) => `e${range(first, last)}`),
  withMore(reader(LETTER, ([, episode]) => `e${number(episode)}`)),
  reader(SPECIAL, ([, episode]) => `s0e${number(episode)}`),
  withMore(
    reader(PART, ([, part = '']) => {
      return `p${Number(part) || spelled(WORDS, part) || ROMAN.indexOf(part) + 2}`
    }),
  ),
  reader(RANGE, ({ 0: whole, 1: first = '', 2: last = '', index, input }) =>
    isYear(first) ||
    // `SG-1 - 05` is a name; what is counted from 1 on is all of it.
    (index > 0 && isSequel(whole, input.slice(index + whole.length))) ||
    (/^\d [-–] /.test(whole) && /^\p{L}-$/u.test(input.slice(index - 2, index))) ||
    isYear(last) ||
    number(last) <= number(first) ||
    // `Show 2 - 12`, `Show 0 - 12`: a sequel. What is counted from 1 on is all of it.
    /^[02-9]$/.test(first) ||
    (/^0/.test(last) && !/^0/.test(first))
      ? undefined
      : `n${range(first, last)}`,
  ),
]
