import type { PlayedHere } from '../../common/availability.ts'
import { readableSize } from '../../common/readable-size.ts'

/** What was measured of a source on this server, e.g. `0.9 s to start, 4 MB/s here yesterday`; empty: nothing. */
export function measuredWords(played: PlayedHere | undefined): string {
  const { firstByteMs, bytesPerSecond, daysAgo = 0 } = played ?? {}
  const words = [
    ...(firstByteMs === undefined ? [] : [`${secondsOf(firstByteMs)} s to start`]),
    ...(bytesPerSecond === undefined ? [] : [`${rateOf(bytesPerSecond)}/s`]),
  ]
  return words.length === 0 ? '' : `${words.join(', ')} here ${dayOf(daysAgo)}`
}

function secondsOf(ms: number): string {
  const seconds = Math.max(0.1, ms / 1000)
  return seconds < 9.95 ? seconds.toFixed(1) : seconds.toFixed(0)
}

/** Two figures say enough of what changes all the time: `4 MB`, `0.4 MB`, `12 MB`. */
const rateOf = (bytesPerSecond: number): string =>
  readableSize(Number(bytesPerSecond.toPrecision(2))).replace('.0 ', ' ')

const dayOf = (daysAgo: number): string => ['today', 'yesterday'][daysAgo] ?? `${daysAgo} days ago`
