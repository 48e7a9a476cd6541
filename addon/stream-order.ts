import { rankSources } from '../sources/ranking.ts'
import type { NumberedSource } from '../sources/source.ts'
import type { StreamState } from './stream-object.ts'

export interface Listed {
  readonly source: NumberedSource
  readonly state: StreamState
}

const FIRST = { ready: 2, arriving: 1, remote: 0 } as const

/** What this server has first, then what is on its way, then by rank; numbers never move. */
export function inViewersOrder(listed: readonly Listed[]): readonly Listed[] {
  const ofNumber = new Map(listed.map((item) => [item.source.number, item]))
  const ranked = rankSources(
    listed.map(({ source }) => source),
    { first: ({ number }) => FIRST[ofNumber.get(number)?.state.kind ?? 'remote'] },
  )
  return ranked.flatMap(({ number }) => ofNumber.get(number) ?? [])
}
