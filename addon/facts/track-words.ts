import type { FileTracks } from '../../common/availability.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import { languageTag } from '../../common/subtitles/track-names.ts'

/** What the parser calls a release with several languages, without saying which; one of them is likely the wanted one. */
const SEVERAL = new Set(['multi audio', 'dual audio'])
export const isSeveral = (word: string): boolean => SEVERAL.has(word)

/** Whether these words say no language. */
export const saysNothing = (told: readonly string[]): boolean => told.every(isSeveral)

/** Languages of the sound, as the file itself says (BCP 47, shortest tags); none where it says nothing. */
export const soundLanguages = (tracks: FileTracks | undefined): readonly string[] =>
  tagsOf(tracks?.audio.map(({ language }) => language) ?? [])

/** Languages of the subtitles within the file and beside it. */
export const textLanguages = (
  tracks: FileTracks | undefined,
  beside: readonly SubtitleTrack[],
): readonly string[] => tagsOf([...(tracks?.subtitles ?? []), ...beside.map(({ lang }) => lang)])

function tagsOf(codes: readonly string[]): readonly string[] {
  return [...new Set(codes.flatMap((code) => languageTag(code.toLowerCase()) ?? []))]
}
