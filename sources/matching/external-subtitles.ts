import { extension, isVideo, lastSegment } from '../../common/media-types.ts'
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
/** That are compared; nobody has more. */
const MOST_FOLDERS = 12

const isText = ({ path, size }: FileEntry): boolean =>
  TEXT.has(extension(path)) && size > 0 && size <= MAX_SUBTITLE_BYTES
const stemOf = (path: string): string => lastSegment(path).replace(/\.[a-z0-9]{2,4}$/i, '')

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
  const named = alone ? texts : texts.filter(({ path }) => isNamedAs(path, stem))
  const twins = files.filter(
    ({ path }, at) => at !== video && isVideo(path) && stemOf(path) === stem,
  )
  const near = nearness(
    named.map(({ path }) => path),
    chosen.path,
    twins,
  )
  const unclear = named.filter((_, at) => near[at] === 0)
  const [marks, ofPaths] = await Promise.all([
    parser.marks(others.map(({ path }) => lastSegment(path))),
    parser.marks(unclear.map(({ path }) => path)),
  ])
  const own = new Set([
    ...named.filter((_, at) => (near[at] ?? 0) > 0),
    ...unclear.filter((_, at) => isOf(ofPaths[at], title)),
    ...others.filter((_, at) => marks[at]?.sure && isOf(marks[at], title)),
  ])
  return texts
    .filter((text) => own.has(text))
    .slice(0, MAX_SUBTITLES)
    .map(({ at, path }) => ({ at, lang: subtitleLanguage(path, stem) }))
}

/** Named like the video, or in a folder with its name (`Subs/<video>/2_English.srt`). */
function isNamedAs(path: string, stem: string): boolean {
  const folders = path.split('/').slice(0, -1)
  return folders.includes(stem) || lastSegment(path).startsWith(`${stem}.`)
}

/** How many more folders a text shares with its video than with any other of the same name. */
function nearness(paths: readonly string[], video: string, twins: readonly FileEntry[]): number[] {
  if (twins.length === 0) return paths.map(() => 1)
  const [own, others] = [
    new Set(foldersOf(video)),
    new Set(twins.flatMap(({ path }) => foldersOf(path))),
  ]
  return paths.map((path) => {
    const folders = foldersOf(path)
    const shared = (all: ReadonlySet<string>): number =>
      folders.filter((one) => all.has(one)).length
    return shared(own) - shared(others)
  })
}

/** `A/B/x.mkv` lies in `A` and in `A/B`. */
function foldersOf(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1).slice(0, MOST_FOLDERS)
  return names.map((_, at) => names.slice(0, at + 1).join('/'))
}

const isOf = (marks: EpisodeMarks | undefined, title: Title): boolean =>
  title.type === 'series' &&
  marks?.season === title.season &&
  marks.episodes.includes(title.episode)

/** Which names in the folder of a local video are its subtitles: `Film.srt`, `Film.en.srt`. */
export function namesBeside(names: readonly string[], video: string): readonly string[] {
  const stem = stemOf(video)
  return names
    .filter((name) => TEXT.has(extension(name)) && name.startsWith(`${stem}.`))
    .toSorted()
    .slice(0, MAX_SUBTITLES)
}
