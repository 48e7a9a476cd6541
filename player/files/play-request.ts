import type { Handed } from '../../cluster/signature.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { Asker } from '../jobs/viewer.ts'
import type { PlayTrace } from '../trace/play-trace.ts'

export interface PlayRequest {
  readonly title: Title
  readonly number: number
  /** The source key of `?s=`; it wins over the number. */
  readonly sourceKey: string | undefined
  /** Fires when the viewer has gone. */
  readonly signal: AbortSignal
  /** Undefined: nothing is counted. */
  readonly asker?: Asker | undefined
  /** As it came in LOOP_HEADER: through which servers this play is asked for. */
  readonly hops?: unknown
  /** Another node hands it over: it is not handed on. */
  readonly handed?: Handed | undefined
  /** Is told of each step. */
  readonly trace?: PlayTrace
}

/** Which source of which title was asked for, whoever asks. */
export type PlayName = Pick<PlayRequest, 'title' | 'number' | 'sourceKey'>

/** The same as text: a key for maps. */
export const nameOfPlay = ({ title, number, sourceKey }: PlayName): string =>
  `${titleId(title)} ${number} ${sourceKey ?? ''}`
