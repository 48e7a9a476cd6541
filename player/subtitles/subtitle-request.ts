import type { PlayRequest } from '../files/play-request.ts'

/** Cache-Control of subtitles that are whole: between nodes too it is how this is told. */
export const SUBTITLES_STAY = 'public, max-age=3600'

export interface SubtitleText {
  /** WebVTT. */
  readonly text: string
  /** False: of a film that is still arriving; there may be more later. */
  readonly isWhole: boolean
}

export interface SubtitleRequest extends PlayRequest {
  /** Id of a SubtitleTrack. */
  readonly track: string
}
