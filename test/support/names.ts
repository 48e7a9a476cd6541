import { fileNameOf } from '../../sources/matching/file-name.ts'
import { episodeMarks } from '../../sources/names/episode-marks.ts'
import type { NameParser } from '../../sources/names/name-parser.ts'
import { readRelease } from '../../sources/names/read-release.ts'
import type { NumberedSource, Source, SourceNames } from '../../sources/source.ts'

/** Reads names here and now, without a worker: for tests of names that are not hostile. */
export const nearParser: NameParser = {
  releases: async (names) => names.map(readRelease),
  marks: async (paths, torrent) => paths.map((path) => episodeMarks(path, torrent)),
}

/** As sources/matching/name-sources.ts, at once. */
export const namesOf = (source: Source): SourceNames => ({
  stated: readRelease(source.filename ?? source.label ?? ''),
  shown: readRelease(fileNameOf({ type: 'movie', imdbId: 'tt1254207' }, source)),
  ofEpisode: [source.filename, source.label].some(
    (name) => name !== undefined && episodeMarks(name).episodes.length > 0,
  ),
  isPack: false,
})

export const withNames = (source: NumberedSource): NumberedSource => ({
  ...source,
  names: namesOf(source),
})
