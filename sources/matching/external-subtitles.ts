import { extension, isVideo } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { EpisodeMarks } from '../names/parsed-name.ts'
import { subtitleLanguage } from './subtitle-language.ts'
import type { FileEntry } from './wanted-file.ts'

/** A subtitle file that belongs to a video; `at` is its index in the list of files. */
export interface ExternalSubtitle {
  readonly at: number
  /** ISO 639-2, `und` when its name does not tell. */
  readonly lang: string
}

/** Text formats with times (MicroDVD has frame numbers, VobSub has pictures). */
const TEXT = new Set(['srt', 'vtt', 'ass', 'ssa'])
/** Of one file; even typeset subtitles take less. */
export const MAX_SUBTITLE_BYTES = 2 * 1024 * 1024
const MAX_SUBTITLES = 40

const isText = ({ path, size }: FileEntry): boolean =>
  TEXT.has(extension(path)) && size > 0 && size <= MAX_SUBTITLE_BYTES
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const stemOf = (path: string): string => nameOf(path).replace(/\.[a-z0-9]{2,4}$/i, '')

/**
 * The subtitles of a video of a torrent, `video` being its index: none rather than those of another
 * film.
 */
export async function externalSubtitles(
  parser: NameParser,
  files: readonly FileEntry[],
  video: number,
  title: Title,
): Promise<readonly ExternalSubtitle[]> {
  const chosen = files[video]
  if (!chosen) return []
  const stem = stemOf(chosen.path)
  const alone = files.filter(({ path, size }) => size > 0 && isVideo(path)).length === 1
  const texts = files.map((file, at) => ({ ...file, at })).filter(isText)
  const others =
    alone || title.type === 'movie' ? [] : texts.filter(({ path }) => !isNamedAs(path, stem))
  const marks = await parser.marks(others.map(({ path }) => nameOf(path)))
  const ofEpisode = new Set(others.filter((_, at) => isOf(marks[at], title)).map(({ at }) => at))
  return texts
    .filter(({ path, at }) => alone || isNamedAs(path, stem) || ofEpisode.has(at))
    .slice(0, MAX_SUBTITLES)
    .map(({ at, path }) => ({ at, lang: subtitleLanguage(path, stem) }))
}

/** Named like the video, or in a folder with its name (`Subs/<video>/2_English.srt`). */
function isNamedAs(path: string, stem: string): boolean {
  const folders = path.split('/').slice(0, -1)
  return folders.includes(stem) || nameOf(path).startsWith(`${stem}.`)
}

const isOf = (marks: EpisodeMarks | undefined, title: Title): boolean =>
  title.type === 'series' &&
  marks?.sure === true &&
  marks.season === title.season &&
  marks.episodes.includes(title.episode)

/** Which names in the folder of a local video are its subtitles: `Film.srt`, `Film.en.srt`. */
export function namesBeside(names: readonly string[], video: string): readonly string[] {
  const stem = stemOf(video)
  return names
    .filter((name) => TEXT.has(extension(name)) && name.startsWith(`${stem}.`))
    .toSorted()
    .slice(0, MAX_SUBTITLES)
}
