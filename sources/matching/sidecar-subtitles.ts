import { extension, isVideo } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import { episodeMarks } from './episode-marks.ts'
import { subtitleLanguage } from './subtitle-language.ts'
import type { PackedFile } from './wanted-file.ts'

/** A subtitle file that belongs to a video; `at` is its place in the list it was found in. */
export interface Sidecar {
  readonly at: number
  /** ISO 639-2, `und` when its name does not tell. */
  readonly lang: string
}

/** A subtitle file of a source, as an address names it. */
export interface SubtitleTrack {
  /** Its index in the torrent, or a name made of the file's beside a local video; it never changes. */
  readonly id: string
  /** ISO 639-2, `und` when nobody says. */
  readonly lang: string
}

/** Formats that are text with times of their own (not MicroDVD's frames, not VobSub's pictures). */
const TEXT = new Set(['srt', 'vtt', 'ass', 'ssa'])
/** Of one file: a whole season's typeset subtitles take less. */
export const MAX_SUBTITLE_BYTES = 2 * 1024 * 1024
const MOST = 40

const isText = ({ path, size }: PackedFile): boolean =>
  TEXT.has(extension(path)) && size > 0 && size <= MAX_SUBTITLE_BYTES
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const stemOf = (path: string): string => nameOf(path).replace(/\.[a-z0-9]{2,4}$/i, '')

/** The subtitles of a torrent's video `video` (its place in the list): none rather than another film's. */
export function sidecarSubtitles(
  files: readonly PackedFile[],
  video: number,
  title: Title,
): readonly Sidecar[] {
  const chosen = files[video]
  if (!chosen) return []
  const stem = stemOf(chosen.path)
  const alone = files.filter(({ path, size }) => size > 0 && isVideo(path)).length === 1
  return files
    .map((file, at) => ({ ...file, at }))
    .filter((file) => isText(file) && (alone || belongs(file.path, stem, title)))
    .slice(0, MOST)
    .map(({ at, path }) => ({ at, lang: subtitleLanguage(path, stem) }))
}

/** Named as the video is, in a folder named so (`Subs/<video>/2_English.srt`), or of that episode. */
function belongs(path: string, stem: string, title: Title): boolean {
  const folders = path.split('/').slice(0, -1)
  if (folders.includes(stem)) return true
  if (nameOf(path).startsWith(`${stem}.`)) return true
  if (title.type === 'movie') return false
  const { sure, season, episodes } = episodeMarks(nameOf(path))
  return sure && season === title.season && episodes.includes(title.episode)
}

/** Names beside a video file of the operator's own that are its subtitles: `Film.srt`, `Film.en.srt`. */
export function namesBeside(names: readonly string[], video: string): readonly string[] {
  const stem = stemOf(video)
  return names
    .filter((name) => TEXT.has(extension(name)) && name.startsWith(`${stem}.`))
    .toSorted()
    .slice(0, MOST)
}
