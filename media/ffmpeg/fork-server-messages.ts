// What a server and the small process that starts ffmpeg for it say to each other.

import type { FfmpegLimits } from './run-ffmpeg.ts'

export type ToForkServer =
  | {
      readonly id: number
      readonly args: readonly string[]
      readonly input: Uint8Array
      readonly limits: FfmpegLimits
    }
  /** Nobody waits for it any more. */
  | { readonly cancel: number }

/** `late`: TookTooLong; `busy`: the system has no process or no memory left; others are codes of faults. */
export type ForkFault = 'late' | 'busy' | 'NO_CONVERTER' | 'MEDIA_UNREADABLE'

export type FromForkServer = { readonly id: number } & (
  | { readonly output: Uint8Array }
  | { readonly fault: ForkFault }
)
