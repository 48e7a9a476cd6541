import type { SubtitleTrack } from '../common/subtitles/subtitle-track.ts'
import { subtitlePath, type Title } from '../common/title.ts'
import type { NumberedSource } from '../sources/source.ts'

/** Docs: stremio-addon-sdk docs/api/responses/subtitles.md. */
export interface SubtitleObject {
  /** Unique in its list: clients drop a second one. */
  readonly id: string
  /** Absolute; WebVTT, readable from every origin; or as another server has it. */
  readonly url: string
  readonly lang: string
}

export const subtitleObjects = (
  title: Title,
  source: NumberedSource,
  tracks: readonly SubtitleTrack[],
  baseUrl: string,
): readonly SubtitleObject[] =>
  tracks.map(({ id, lang, url }) => ({
    id: `playlink-${source.key}-${id}`,
    url: url ?? `${baseUrl}${subtitlePath(title, source, id)}`,
    lang,
  }))
