import { parseTorrentTitle } from '@viren070/parse-torrent-title'

/** What a file's name says about its episode. */
export interface EpisodeMarks {
  /** From the name, else the nearest folder that names one; 0 = specials. */
  readonly season: number | undefined
  readonly episodes: readonly number[]
  /** Season and episode stand together in the name itself: nothing is surer. */
  readonly sure: boolean
  /** A lone number of three or four digits, which may be season and episode written together. */
  readonly bare: string | undefined
}

/** S01E02, S01E01-E03, S01E01E02, S01E01-S01E03, s1.ep2, S01_E02. */
const SXXEYY =
  /(?<![a-z0-9])s(\d{1,4})[ ._-]{0,3}ep?[ ._-]?(\d{1,4})((?:[ ._]?[-+&]?[ ._]?(?:s\d{1,4})?ep?\d{1,4}|-\d{1,3}(?![\dpi]))*)(?![0-9])/i
/** 1x02, 1x01-1x02, 2x01-02. */
const NXM = /(?<![\da-z])(\d{1,2})x(\d{2,3})(?:[ ._]?[-+&][ ._]?(?:\d{1,2}x)?(\d{2,3}))?(?![\dpi])/i
const SPELLED = /season[ ._-]*(\d{1,2})[ ._,-]*(?:episode|ep)[ ._-]*(\d{1,4})/i
const SPECIAL = /(?<![a-z])(?:sp|special)[ ._-]*(\d{1,3})(?!\d)/i
const SEASON_FOLDER =
  /(?<![a-z0-9])(?:s|season|series|saison|staffel|temporada|stagione)[ ._-]*(\d{1,4})(?![\de])/gi
const SPECIALS_FOLDER = /^(?:specials?|season[ ._-]*0+)$/i
const RANGE =
  /s\d{1,2}[ ._]?(?:-|to|thru)[ ._]?s?\d{1,2}(?!\d)|seasons?[ ._]*\d{1,2}[ ._]*(?:-|to)/i
/** Names are foreign: what is longer is cut before any pattern sees it. */
const MAX_NAME = 255

/** Reads the name and the folders of a path; `torrent` is the torrent's own name, its root folder. */
export function episodeMarks(path: string, torrent = ''): EpisodeMarks {
  const segments = path.split('/').map((segment) => segment.slice(-MAX_NAME))
  const stem = (segments.pop() ?? '').replace(/\.[a-z0-9]{2,4}$/i, '')
  const sure = sureMarks(stem)
  if (sure) return { ...sure, sure: true, bare: undefined }
  const folder = [...segments.reverse(), torrent.slice(0, MAX_NAME)].map(folderSeason)
  const season = folder.find((one) => one !== undefined)
  const special = SPECIAL.exec(stem)
  if (special) return { season: 0, episodes: [Number(special[1])], sure: false, bare: undefined }
  return { ...looseMarks(stem, season), sure: false }
}

function sureMarks(stem: string): Pick<EpisodeMarks, 'season' | 'episodes'> | undefined {
  const tight = SXXEYY.exec(stem)
  if (tight) return { season: Number(tight[1]), episodes: episodesIn(tight[2], tight[3]) }
  const crossed = NXM.exec(stem)
  if (crossed) {
    const last = crossed[3] === undefined ? '' : `-${crossed[3]}`
    return { season: Number(crossed[1]), episodes: episodesIn(crossed[2], last) }
  }
  const spelled = SPELLED.exec(stem)
  return spelled ? { season: Number(spelled[1]), episodes: [Number(spelled[2])] } : undefined
}

/** `E01E02` lists, `E01-E03` and `E01-03` span. */
function episodesIn(first = '', rest = ''): number[] {
  const start = Number(first)
  const others = [...rest.matchAll(/(-?)[ ._]?(?:s\d{1,4})?(?:ep?)?(\d{1,4})/gi)]
  const episodes = [start]
  for (const [, dash, text] of others) {
    const last = episodes.at(-1) ?? start
    const next = Number(text)
    // A span of more than 30 is no file of several episodes.
    if (dash && next > last && next - last <= 30) {
      for (let episode = last + 1; episode <= next; episode++) episodes.push(episode)
    } else if (!dash) episodes.push(next)
  }
  return episodes
}

function folderSeason(segment: string): number | undefined {
  if (SPECIALS_FOLDER.test(segment.trim())) return 0
  if (RANGE.test(segment)) return undefined
  const named = new Set([...segment.matchAll(SEASON_FOLDER)].map((match) => Number(match[1])))
  return named.size === 1 ? [...named][0] : undefined
}

/** `02 - Title`, `Show - 12 (1080p)`, `Ep 3`, `Show S2 - 05`, `Show 3rd Season - 04`, `show.117`. */
function looseMarks(stem: string, folder: number | undefined): Omit<EpisodeMarks, 'sure'> {
  const parsed = parseTorrentTitle(stem)
  const season = parsed.seasons?.length === 1 ? parsed.seasons[0] : folder
  const lone = loneNumber(stem)
  const leading = /^(\d{1,3})(?:v\d)?(?:[ ._]*[-._][ ._]|[ ._]|$)/.exec(stem)?.[1]
  const episodes = parsed.episodes ?? (leading === undefined ? [] : [Number(leading)])
  return { season, episodes, bare: lone }
}

/** The only number of three or four digits in a name that is no year, height, codec or hash. */
function loneNumber(stem: string): string | undefined {
  // A release group in front is how fansubs are named, and they count episodes from the first season.
  if (/^\[/.test(stem)) return undefined
  const plain = stem.replace(/\[[^\]]*\]|\([^)]*\)/g, ' ')
  const found = [...plain.matchAll(/(?<![\da-z])(\d{3,4})(?![\da-z])/gi)].map(([, text]) => text)
  const numbers = found.filter(
    (text) => text && !/^(?:19|20)\d\d$|^(?:480|576|720|1080|2160)$/.test(text),
  )
  return numbers.length === 1 ? numbers[0] : undefined
}
