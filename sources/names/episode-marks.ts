import { fileNumbers } from './file-numbers.ts'
import { MAX_NAME } from './fold.ts'
import { marksIn, type NameMarks } from './name-marks.ts'
import { nameTokens } from './name-tokens.ts'
import type { EpisodeMarks } from './parsed-name.ts'
import { readTokens, type Spans, type Token } from './read-tokens.ts'

/** No file holds more episodes. */
const MOST_EPISODES = 31
/** `S01E02`, `1x02`, `T1 E02`: also in a folder's name nothing else. */
const TIGHT = /^[st]\d+(?:x?e)?|^\d+x\d/
const SPECIALS_FOLDER = /^specials?$/
/** How many the series has: no file's own number. */
const ALL = /全[ ._]{0,3}\d{1,4}[集话話回]/g
/** Seasons of some series; in a longer name another series may be called so. */
const NUMBERED_FOLDER = /^(?:book|livre)[ ._-]{0,3}(\d{1,2})$/i
/** A film, special or part beside the episodes: its number is not an episode's. */
const ASIDE =
  /(?<![a-z])(?:ova|oad|movie|film|recap|preview|digest|omake)s?(?![a-z])|(?<![a-z])special[\W_]*(?:\d{3,4}p.*)?$|(?<![a-z])(?:part|cour)[ ._]*\d[ ._]+-[ ._]+\d/i
const ASIDE_FOLDER = /^(?:movie|film|ova|oad)s?$/i
/** `E12.5`, between two episodes: a recap. */
const HALF = /(?:e|-[ ._])\d{1,3}\.5(?![\d.])/i
/** `Show 2 - 05`, `Show 2nd - 05`, `Show.III.05`: a sequel, which counts as a season of its own. */
const SEQUEL =
  /(?:[a-z)][ ._](\d)|[a-z\d)][ ._](ii|iii|iv|v))(?:nd|rd|th)?[ ._]+(?:-[ ._]+)?\d{2,3}(?![\dpi])/i
const ROMAN: Readonly<Record<string, number>> = { ii: 2, iii: 3, iv: 4, v: 5 }

const NOTHING = { series: '', bare: undefined, guess: undefined, aside: false } as const

/**
 * What the name and the folders of a path say of its episode; `torrent` is the torrent's own name, its root folder.
 * The marks are those of any name (mark-patterns.ts).
 */
export function episodeMarks(path: string, torrent = ''): EpisodeMarks {
  const segments = path.split('/').map((segment) => segment.slice(-MAX_NAME))
  const stem = (segments.pop() ?? '').replace(/\.[a-z0-9]{2,4}$/i, '').replace(ALL, '')
  const tokens = readTokens(nameTokens(stem))
  const marks = marksIn(tokens)
  const isHalf = HALF.test(stem)
  const sure = isHalf ? undefined : sureMarks(tokens, marks)
  if (sure) return { ...NOTHING, ...sure, sure: true }
  const folders = [...segments.reverse(), torrent.slice(0, MAX_NAME)].map(inFolder)
  const season = folders.find((folder) => folder.season !== undefined)?.season
  const special = marks.pairs.find((pair) => pair.season === 0)
  if (special) return { season: 0, episodes: numbersIn(special.episodes), sure: false, ...NOTHING }
  if (isHalf || ASIDE.test(stem) || segments.some((folder) => ASIDE_FOLDER.test(folder.trim()))) {
    return { season, episodes: [], sure: false, ...NOTHING, aside: true }
  }
  const loose = looseMarks(stem, tokens, marks)
  const saysNothing = loose.episodes.length === 0 && loose.bare === undefined && !loose.aside
  // `Show.S01E02/abc123.mkv`
  const episodes = saysNothing && loose.season === undefined ? (folders[0]?.episodes ?? []) : []
  return {
    ...loose,
    season: loose.season ?? season,
    episodes: episodes.length > 0 ? episodes : loose.episodes,
    series: '',
    sure: false,
  }
}

/** A season with an episode of it in the name itself. */
function sureMarks(
  tokens: readonly Token[],
  { pairs, seasons, episodes }: NameMarks,
): Pick<EpisodeMarks, 'season' | 'episodes' | 'series'> | undefined {
  const [pair] = pairs
  if (pair) {
    // Specials are numbered in many ways, and `Cap.117` may be counted on.
    const isOther = /^(?:sp|cap)/.test(tokens[pair.at]?.letters ?? '')
    if (isOther && !seasons.some(([from]) => from === pair.season)) return undefined
    return {
      season: pair.season,
      episodes: numbersIn(pair.episodes),
      series: seriesBefore(tokens, pair.at),
    }
  }
  // `Season 1 Episode 2`, each in its own words.
  const spelled = tokens.findIndex(({ kind, value }) => kind === 'mark' && /^e\d/.test(value))
  const [season] = seasons
  if (spelled < 0 || !season || seasons.length > 1 || season[0] !== season[1]) return undefined
  const at = tokens.findIndex(({ kind, value }) => kind === 'mark' && /^s\d/.test(value))
  return { season: season[0], episodes: numbersIn(episodes), series: seriesBefore(tokens, at) }
}

/** Letters and digits of what stands before, without the release group in brackets in front. */
function seriesBefore(tokens: readonly Token[], at: number): string {
  const isGroup = tokens[0]?.value === '['
  const from = isGroup ? tokens.findIndex(({ value }) => value === ']') + 1 : 0
  return tokens
    .slice(from, at)
    .map(({ letters }) => letters)
    .join('')
}

function numbersIn(spans: Spans): number[] {
  const all = spans.flatMap(([from, to]) =>
    to - from < MOST_EPISODES ? Array.from({ length: to - from + 1 }, (_, n) => from + n) : [from],
  )
  return [...new Set(all)]
}

interface Folder {
  /** Undefined where it names none, or several. */
  readonly season: number | undefined
  readonly episodes: readonly number[]
}

/** The files of a pack have the same few folders. */
const MOST_FOLDERS = 200
const known = new Map<string, Folder>()

function inFolder(segment: string): Folder {
  const before = known.get(segment)
  if (before) return before
  if (known.size >= MOST_FOLDERS) known.clear()
  const folder = readFolder(segment)
  known.set(segment, folder)
  return folder
}

function readFolder(segment: string): Folder {
  const tokens = readTokens(nameTokens(segment))
  const letters = tokens.map((token) => token.letters).join('')
  if (SPECIALS_FOLDER.test(letters)) return { season: 0, episodes: [] }
  const { seasons, pairs } = marksIn(tokens)
  const tight = pairs.filter(({ at }) => TIGHT.test(tokens[at]?.letters ?? ''))
  const spans = [...seasons, ...tight.map(({ season }) => [season, season] as const)]
  const named = new Set(spans.flat())
  // `Season 1 - 12` may be twelve seasons.
  const isUnclear = pairs.some(({ at }) =>
    /^(?:season|series|staffel|saison)/.test(tokens[at]?.letters ?? ''),
  )
  const numbered = NUMBERED_FOLDER.exec(segment.trim())?.[1]
  const own = named.size === 1 && !isUnclear ? [...named][0] : undefined
  const season = numbered === undefined ? own : Number(numbered)
  const [pair] = tight
  const episodes =
    pair && tight.length === 1 && season !== undefined ? numbersIn(pair.episodes) : []
  return { season, episodes }
}

/**
 * `02 - Title`, `Show - 12 (1080p)`, `Ep 3`, `Show S2 - 05`, `Show 3rd Season - 04`, `show.117`.
 */
function looseMarks(
  stem: string,
  tokens: readonly Token[],
  marks: NameMarks,
): Omit<EpisodeMarks, 'sure' | 'series'> {
  const [own] = isNumberOnly(tokens) ? [] : marks.seasons
  const isOne = own !== undefined && marks.seasons.length === 1 && own[0] === own[1]
  const season = isOne ? own[0] : sequelNumber(stem)
  const numbers = fileNumbers(stem, tokens, marks)
  // `Show.S01.Complete.mkv`: a whole season in one file.
  const aside = own !== undefined && numbers.episodes.length === 0
  return { season, ...numbers, episodes: numbersIn(numbers.episodes), aside }
}

/** `01. Season Finale`: no season, and no other number than the one in front. */
const isNumberOnly = ([first, ...others]: readonly Token[]): boolean =>
  first?.kind === 'mark' &&
  /^\d/.test(first.letters) &&
  !others.some(({ letters }) => /\d/.test(letters))

/** At least 2: a first season is seldom numbered this way. */
function sequelNumber(stem: string): number | undefined {
  const [, digit, roman = ''] = SEQUEL.exec(stem) ?? []
  const number = Number(digit ?? ROMAN[roman.toLowerCase()] ?? 0)
  return number >= 2 ? number : undefined
}
