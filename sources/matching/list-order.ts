import type { Availability } from '../../common/availability.ts'
import type { NumberedSource } from '../source.ts'
import { rankSources } from './ranking.ts'

/** A source of a list, with how much of it is on this server. */
export interface Listed {
  readonly source: NumberedSource
  readonly state: Availability
}

const FIRST = { ready: 2, downloading: 1, remote: 0 } as const

/**
 * What is on this server first, then what is being downloaded, then by rank; numbers never move.
 */
export function inListOrder(listed: readonly Listed[]): readonly Listed[] {
  const ofNumber = new Map(listed.map((item) => [item.source.number, item]))
  const ranked = rankSources(
    listed.map(({ source }) => source),
    { first: ({ number }) => FIRST[ofNumber.get(number)?.state.kind ?? 'remote'] },
  )
  return ranked.flatMap(({ number }) => ofNumber.get(number) ?? [])
}
