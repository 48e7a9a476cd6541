import type { Title } from '../common/title.ts'
import type { NumberedSource } from '../sources/source.ts'
import { subtitlePath } from './stremio-id.ts'

/** A subtitle file of a source; player/subtitles/subtitles.ts knows the same. */
export interface Track {
  readonly id: string
  /** ISO 639-2, `und` when nobody says. */
  readonly lang: string
}

/** Docs: stremio-addon-sdk docs/api/responses/subtitles.md. */
export interface SubtitleObject {
  /** Differs from all others of the list: clients keep one of each. */
  readonly id: string
  /** Absolute; WebVTT, readable from every origin. */
  readonly url: string
  readonly lang: string
}

export const subtitleObjects = (
  title: Title,
  source: NumberedSource,
  tracks: readonly Track[],
  baseUrl: string,
): readonly SubtitleObject[] =>
  tracks.map(({ id, lang }) => ({
    id: `playlink-${source.key}-${id}`,
    url: `${baseUrl}${subtitlePath(title, source, id)}`,
    lang,
  }))
