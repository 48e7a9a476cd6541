import { filenameParse } from '@ctrl/video-filename-parser'

/** `Episode 3` in the languages of torrents' names; the parser knows English and Spanish only. */
const WORD =
  /(?<!\p{L})(?:episode|ep|episodio|épisode|folge|avsnitt|afsnit|aflevering|odcinek|odc|cap[ií]tulo|puntata|jakso|epiz[oó]d|d[ií]l|серия|эпизод|выпуск|серія)[ ._-]*(?:n[o°º][ ._-]*)?(\d{1,3})(?![\d\p{L}])/iu
/** `Show #5` */
const HASH = /[ ._]#(\d{1,3})(?!\d)/
/** `3. Bölüm`, `3-я серия`; `第03集`, `第3話`; `3of6`. */
const BEFORE_WORD =
  /(?<![\d\p{L}])(\d{1,3})(?:\.|-?(?:я|ая|ий|й))?[ ._-]*(?:b[oö]l[uü]m|серия|серія|rész|epizoda|jakso)(?!\p{L})/iu
const CHINESE = /第[ ._]*(\d{1,4})[ ._]*[集话話回]/u
const OF = /(?<![\d\p{L}])\(?(\d{1,2})[ ._]?of[ ._]?\d{1,2}(?![\d\p{L}])/iu
/** `Season 2 - 03` */
const AFTER_SEASON =
  /(?<![a-z0-9])(?:season|saison|staffel|temporada|stagione|series)[ ._]*\d{1,2}[ ._]+-[ ._]+(\d{1,3})(?!\d)/i
/** A film, special or part beside the episodes: its number is not an episode's. */
const ASIDE =
  /(?<![a-z])(?:ova|oad|movie|film|recap|preview|digest|omake)s?(?![a-z])|(?<![a-z])special[\W_]*(?:\d{3,4}p.*)?$|(?<![a-z])(?:part|cour)[ ._]*\d[ ._]+-[ ._]+\d/i
/** `E12.5`, between two episodes: a recap. */
const HALF = /(?:e|-[ ._])\d{1,3}\.5(?![\d.])/i
const ASIDE_FOLDER = /^(?:movie|film|ova|oad)s?$/i
/** `Show 2 - 05`, `Show 2nd - 05`, `Show.III.05`: a sequel, which counts as a season of its own. */
const SEQUEL = /[a-z)][ ._](\d|ii|iii|iv|v)(?:nd|rd|th)?[ ._]+(?:-[ ._]+)?\d{2,3}(?![\dpi])/i
const ROMAN: Readonly<Record<string, number>> = { ii: 2, iii: 3, iv: 4, v: 5 }

/** The episode that a word beside its number names. */
export function spelledEpisode(stem: string): number | undefined {
  for (const pattern of [CHINESE, OF, AFTER_SEASON, WORD, BEFORE_WORD, HASH]) {
    const found = pattern.exec(stem)?.[1]
    if (found !== undefined) return Number(found)
  }
  return undefined
}

/** `folders`: those the file lies in. */
export const isAside = (stem: string, folders: readonly string[]): boolean =>
  ASIDE.test(stem) || isHalf(stem) || folders.some((folder) => ASIDE_FOLDER.test(folder.trim()))

export const isHalf = (stem: string): boolean => HALF.test(stem)

/** At least 2: a first season is seldom numbered this way. */
export function sequelNumber(stem: string): number | undefined {
  const found = SEQUEL.exec(stem)?.[1]?.toLowerCase()
  if (found === undefined) return undefined
  const number = ROMAN[found] ?? Number(found)
  return number >= 2 ? number : undefined
}

/**
 * A part, a number at the end, or the only number that the second parser finds: to be believed only
 * if all files of the torrent are numbered like this.
 */
export function guessedEpisode(stem: string): number | undefined {
  const part = /(?<![a-z])p(?:ar)?t[ ._-]*(\d{1,2})(?!\d)/i.exec(stem)?.[1]
  const last = /[ ._-](\d{1,3})$/.exec(stem)?.[1]
  if (part ?? last) return Number(part ?? last)
  try {
    const parsed = filenameParse(`${stem}.mkv`, true)
    const numbers = 'episodeNumbers' in parsed ? parsed.episodeNumbers : []
    const [number] = numbers.length === 1 ? numbers : []
    // It splits longer numbers (`2005` becomes 20x05), so the number must stand in the name by
    // itself.
    return new RegExp(`(?<!\\d)0*${number}(?!\\d)`).test(stem) ? number : undefined
  } catch {
    return undefined
  }
}
