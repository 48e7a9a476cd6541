import type { AudioTrack } from './film.ts'

/** How many channels converted sound has: stereo, or 5.1. */
export type Channels = 2 | 6

/** Bits a second that converted sound has at most, by its channels: noise of full volume is measured below. */
export const MOST_CONVERTED_BITS = { 2: 256_000, 6: 576_000 } as const

/** What has fewer is heard in stereo just as well. */
const FEWEST = 5

/** Whether more than stereo can be made of it. What is copied has the channels that it has. */
export const hasSurround = ({ isCopied, channels }: AudioTrack): boolean =>
  !isCopied && channels >= FEWEST
