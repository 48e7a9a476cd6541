import type { NumberedSource } from '../source.ts'
import { rankSources } from './ranking.ts'

/** What this server has of a source, as far as the order of a list asks. */
export type HeldKind = 'ready' | 'downloading' | 'remote'

export interface Listed<State extends { readonly kind: HeldKind }> {
  readonly source: NumberedSource
  readonly state: State
}

const FIRST = { ready: 2, downloading: 1, remote: 0 } as const satisfies Record<HeldKind, number>

/** What this server has first, then what is on its way, then by rank; numbers never move. */
export function inViewersOrder<State extends { readonly kind: HeldKind }>(
  listed: readonly Listed<State>[],
): readonly Listed<State>[] {
  const ofNumber = new Map(listed.map((item) => [item.source.number, item]))
  const ranked = rankSources(
    listed.map(({ source }) => source),
    { first: ({ number }) => FIRST[ofNumber.get(number)?.state.kind ?? 'remote'] },
  )
  return ranked.flatMap(({ number }) => ofNumber.get(number) ?? [])
}
