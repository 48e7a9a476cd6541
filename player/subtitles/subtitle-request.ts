import type { PlayRequest } from '../files/play-request.ts'

export interface SubtitleRequest extends PlayRequest {
  /** Id of a SubtitleTrack. */
  readonly track: string
}
