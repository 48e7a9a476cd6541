import { type Title, titleId } from '../../common/title.ts'
import type { PlayTrace } from '../trace/play-trace.ts'

export interface PlayRequest {
  readonly title: Title
  readonly number: number
  /** `?s=` */
  readonly key: string | undefined
  /** Fires when the viewer has gone. */
  readonly signal: AbortSignal
  /** Told of each step. */
  readonly trace?: PlayTrace
}

/** What was asked for, whoever asks. */
export type PlayName = Pick<PlayRequest, 'title' | 'number' | 'key'>

/** The same as text, for this server's memory. */
export const nameOfPlay = ({ title, number, key }: PlayName): string =>
  `${titleId(title)} ${number} ${key ?? ''}`
