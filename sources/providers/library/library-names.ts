import { isVideo } from '../../../common/media-types.ts'
import { isExtra } from '../../matching/extras.ts'

/** What file systems and their servers put beside films. */
const NOT_FILMS = /^(?:[.@#$]|lost\+found$|system volume information$)/i
/** As Plex and Jellyfin call folders of extras, beside those of sources/matching/extras.ts. */
const EXTRAS_FOLDER = /^(?:shorts?|scenes|others?|clips|backdrops|theme-music|theme-videos)$/i
const EXTRA_END =
  /-(?:behindthescenes|deleted|deletedscene|featurette|interview|scene|short|trailer|other|sample|clip)\d{0,2}$/i

/** Whether nobody looks into a folder, or at a file, because of its name. */
export const isHidden = (name: string): boolean => NOT_FILMS.test(name)

/** @param path below a folder of the library, `/` between its segments */
export function isFilmFile(path: string): boolean {
  const segments = path.split('/')
  const name = segments.pop() ?? ''
  // The outermost may be the name of a title.
  if (segments.slice(1).some((segment) => EXTRAS_FOLDER.test(segment))) return false
  return isVideo(name) && !EXTRA_END.test(stemOf(name)) && !isExtra(path)
}

export const stemOf = (name: string): string => name.replace(/\.[a-z0-9]{2,4}$/i, '')

/** `{imdb-tt1234567}`, `[imdbid-tt1234567]`, `[tt1234567]`, `.tt1234567.` */
const ID = /(?<![a-z0-9])tt\d{7,10}(?!\d)/gi
const TAG =
  /[[{(](?:imdb|tmdb|tvdb|tvmaze|anidb|edition)(?:id)?[-=: ][^\]})]{0,60}[\]})]|[[{(]?(?<![a-z0-9])tt\d{7,10}(?!\d)[\]})]?/gi

/** The IMDb id that a text names; undefined when it names none, or several. */
export function idIn(text: string): string | undefined {
  const ids = new Set(text.match(ID)?.map((id) => id.toLowerCase()))
  return ids.size === 1 ? [...ids][0] : undefined
}

/** `Matrix, The (1999)`, as sorted shelves have it. */
export const articleFirst = (name: string): string =>
  name.replace(/^([^,/]{1,150}), (the|an?|der|die|das|les?|la|el|los|las|il)(?=$| ?[([])/i, '$2 $1')

/** A name as the matcher reads it, without the tags of libraries and the number of a disc. */
export const withoutTags = (name: string): string =>
  articleFirst(name)
    .replace(TAG, ' ')
    .replace(/[ ._([-]{1,3}(?:cd|dvd|dis[ck])[ ._-]?\d{1,2}[)\]]?$/i, '')
    .trim()

/** Of one disc of a film or one season of a series: the title is the name of a folder further out. */
const INNER_FOLDER =
  /^(?:(?:cd|dvd|dis[ck])[ ._-]?\d{1,2}|video_ts|bdmv|stream|(?:s|season|series|saison|staffel|temporada|stagione|сезон|sezon|seizoen|säsong|kausi)[ ._-]*\d{1,4}|\d{1,2}\.?[ ._-]*(?:season|staffel|saison|temporada|сезон)|specials?)$/iu

export const isInnerFolder = (name: string): boolean =>
  INNER_FOLDER.test(withoutTags(name.normalize('NFC')))

/** A file whose name says nothing of its title: `movie.mkv`, `1080p.mkv`, `VTS_01_1.VOB`; `300` is a film. */
const NAMELESS =
  /^(?:(?:movie|film|main|video|feature|title|vts|cd|dvd|dis[ck]|t)[ ._-]{0,3}\d{0,5}(?:[ ._-]\d{1,2})?|0?1|\d{5}|\d{3,4}p)$/i
export const isNameless = (stem: string): boolean => NAMELESS.test(stem.trim())

/** `S01E02 - Pilot`, `1x02`, `01 - Pilot`, `Episode 3`: the title stands in the folder's name alone. */
const MARK_FIRST =
  /^(?:s\d{1,4}[ ._-]?e\d|\d{1,2}x\d\d|(?:e|ep|episode)[ ._-]?\d|\d{1,3}(?:v\d)?(?=[ ._-]|$))/i
export const beginsWithMark = (stem: string): boolean => MARK_FIRST.test(stem)
