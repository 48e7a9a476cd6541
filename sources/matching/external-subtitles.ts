import { extension, isVideo } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import { episodeMarks } from './episode-marks.ts'
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
export function externalSubtitles(
  files: readonly FileEntry[],
  video: number,
  title: Title,
): readonly ExternalSubtitle[] {
  const chosen = files[video]
  if (!chosen) return []
  const stem = stemOf(chosen.path)
  const alone = files.filter(({ path, size }) => size > 0 && isVideo(path)).length === 1
  return files
    .map((file, at) => ({ ...file, at }))
    .filter((file) => isText(file) && (alone || belongs(file.path, stem, title)))
    .slice(0, MAX_SUBTITLES)
    .map(({ at, path }) => ({ at, lang: subtitleLanguage(path, stem) }))
}

/**
 * Named like the video, in a folder with its name (`Subs/<video>/2_English.srt`), or of the same
 * episode.
 */
function belongs(path: string, stem: string, title: Title): boolean {
  const folders = path.split('/').slice(0, -1)
  if (folders.includes(stem)) return true
  if (nameOf(path).startsWith(`${stem}.`)) return true
  if (title.type === 'movie') return false
  const { sure, season, episodes } = episodeMarks(nameOf(path))
  return sure && season === title.season && episodes.includes(title.episode)
}

/** Which names in the folder of a local video are its subtitles: `Film.srt`, `Film.en.srt`. */
export function namesBeside(names: readonly string[], video: string): readonly string[] {
  const stem = stemOf(video)
  return names
    .filter((name) => TEXT.has(extension(name)) && name.startsWith(`${stem}.`))
    .toSorted()
    .slice(0, MAX_SUBTITLES)
}
