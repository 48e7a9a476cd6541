import { guessedEpisode, isAside, isHalf, sequelNumber, spelledEpisode } from './episode-words.ts'
import { MAX_NAME } from './name-limits.ts'
import type { EpisodeMarks } from './parsed-name.ts'
import { parseRelease } from './read-release.ts'

/** S01E02, S01E01-E03, S01E01E02, S01E01-S01E03, s1.ep2, S01_E02. */
const SXXEYY =
  /(?<![a-z0-9])[st](\d{1,4})[ ._-]{0,3}ep?[ ._-]?(\d{1,4})((?:[ ._]?[-+&]?[ ._]?(?:s\d{1,4})?ep?\d{1,4}|-\d{1,3}(?![\dpi]))*)(?![0-9])/i
/** 1x02, 1x01-1x02, 2x01-02. */
const NXM = /(?<![\da-z])(\d{1,2})x(\d{2,3})(?:[ ._]?[-+&][ ._]?(?:\d{1,2}x)?(\d{2,3}))?(?![\dpi])/i
const SPELLED = /season[ ._-]*(\d{1,2})[ ._,-]*(?:episode|ep)[ ._-]*(\d{1,4})/i
const SPECIAL = /(?<![a-z])(?:sp|special)[ ._-]*(\d{1,3})(?!\d)/i
const SEASON_FOLDER =
  /(?<![\p{L}\d])(?:s|season|series|saison|staffel|temporada|stagione|сезон|sezon|seizoen|säsong|kausi)[ ._-]*(\d{1,4})(?![\de])|(?<![\p{L}\d])(\d{1,2})(?:st|nd|rd|th|ª|\.|-?(?:й|ий))?[ ._-]*(?:season|temporada|сезон|sezon|saison|staffel)(?![\p{L}\d])|第[ ._]*(\d{1,2})[ ._]*季/giu
const SPECIALS_FOLDER = /^(?:specials?|season[ ._-]*0+)$/i
const RANGE =
  /s\d{1,2}[ ._]?(?:-|to|thru)[ ._]?s?\d{1,2}(?!\d)|seasons?[ ._]*\d{1,2}[ ._]*(?:-|to)/i

const NOTHING = { series: '', bare: undefined, guess: undefined, aside: false } as const

/**
 * Reads the name and the folders of a path; `torrent` is the torrent's own name, its root folder.
 */
export function episodeMarks(path: string, torrent = ''): EpisodeMarks {
  const segments = path.split('/').map((segment) => segment.slice(-MAX_NAME))
  const stem = (segments.pop() ?? '').replace(/\.[a-z0-9]{2,4}$/i, '')
  const sure = isHalf(stem) ? undefined : sureMarks(stem)
  if (sure) return { ...NOTHING, ...sure, sure: true }
  const folder = [...segments.reverse(), torrent.slice(0, MAX_NAME)].map(folderSeason)
  const season = folder.find((one) => one !== undefined)
  const special = SPECIAL.exec(stem)
  if (special) return { season: 0, episodes: [Number(special[1])], sure: false, ...NOTHING }
  if (isAside(stem, segments)) return { season, episodes: [], sure: false, ...NOTHING, aside: true }
  return { ...looseMarks(stem, season), series: '', sure: false }
}

type SureMarks = Pick<EpisodeMarks, 'season' | 'episodes' | 'series'>

function sureMarks(stem: string): SureMarks | undefined {
  const tight = SXXEYY.exec(stem)
  if (tight) {
    const episodes = episodesIn(tight[2], tight[3])
    return { season: Number(tight[1]), episodes, series: seriesIn(stem, tight) }
  }
  const crossed = NXM.exec(stem)
  if (crossed) {
    const last = crossed[3] === undefined ? '' : `-${crossed[3]}`
    const episodes = episodesIn(crossed[2], last)
    return { season: Number(crossed[1]), episodes, series: seriesIn(stem, crossed) }
  }
  const spelled = SPELLED.exec(stem)
  if (!spelled) return undefined
  const [, season, episode] = spelled
  return {
    season: Number(season),
    episodes: [Number(episode)],
    series: seriesIn(stem, spelled),
  }
}

/** Without the release group in brackets in front. */
const seriesIn = (stem: string, { index }: RegExpExecArray): string =>
  stem
    .slice(0, index)
    .replace(/^\[[^\]]*\]/, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** `E01E02` is a list, `E01-E03` and `E01-03` are ranges. */
function episodesIn(first = '', rest = ''): number[] {
  const start = Number(first)
  const others = [...rest.matchAll(/(-?)[ ._]?(?:s\d{1,4})?(?:ep?)?(\d{1,4})/gi)]
  const episodes = [start]
  for (const [, dash, text] of others) {
    const last = episodes.at(-1) ?? start
    const next = Number(text)
    // No file holds a range of more than 30 episodes.
    if (dash && next > last && next - last <= 30) {
      for (let episode = last + 1; episode <= next; episode++) episodes.push(episode)
    } else if (!dash) episodes.push(next)
  }
  return episodes
}

function folderSeason(segment: string): number | undefined {
  if (SPECIALS_FOLDER.test(segment.trim())) return 0
  if (RANGE.test(segment)) return undefined
  const named = new Set([...segment.matchAll(SEASON_FOLDER)].map(numberIn))
  return named.size === 1 ? [...named][0] : undefined
}

const numberIn = (match: RegExpExecArray): number => Number(match[1] ?? match[2] ?? match[3])

/**
 * `02 - Title`, `Show - 12 (1080p)`, `Ep 3`, `Show S2 - 05`, `Show 3rd Season - 04`, `show.117`.
 */
function looseMarks(
  stem: string,
  folder: number | undefined,
): Omit<EpisodeMarks, 'sure' | 'series'> {
  const parsed = parseRelease(stem)
  const spelled = spelledEpisode(stem)
  const own = parsed.seasons?.length === 1 ? parsed.seasons[0] : folderSeason(stem)
  const season = own ?? sequelNumber(stem) ?? folder
  const leading = /^(\d{1,3})(?:v\d)?(?:[ ._]*[-._][ ._]|[ ._]|$)/.exec(stem)?.[1]
  const lone = leading === undefined ? [] : [Number(leading)]
  const episodes = spelled === undefined ? (parsed.episodes ?? lone) : [spelled]
  // `Ep 117` is episode 117.
  const bare = spelled === undefined ? loneNumber(stem) : undefined
  const guess = episodes.length === 0 && bare === undefined ? guessedEpisode(stem) : undefined
  // `Show.S01.Complete.mkv`: a whole season in one file.
  const aside = own !== undefined && episodes.length === 0
  return { season, episodes, bare, guess, aside }
}

/** The only number of three or four digits in a name that is no year, height, codec or hash. */
function loneNumber(stem: string): string | undefined {
  // A group in front is a fansub's name: those count their episodes on over all seasons.
  if (/^\[/.test(stem)) return undefined
  const plain = stem.replace(/\[[^[\]]*\]|\([^()]*\)/g, ' ')
  const found = [...plain.matchAll(/(?<![\da-z])(\d{3,4})(?![\da-z])/gi)].map(([, text]) => text)
  const numbers = found.filter(
    (text) => text && !/^(?:19|20)\d\d$|^(?:480|576|720|1080|2160)$/.test(text),
  )
  return numbers.length === 1 ? numbers[0] : undefined
}
