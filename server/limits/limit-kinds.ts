/** What is counted by address within a time, or by how many are open at once. */
export type RateKind = 'lists' | 'searches' | 'states' | 'coldStarts'
export type OpenKind = 'streams' | 'live'
export type LimitKind = RateKind | OpenKind | 'connections'

/** How many each address may have of each. */
export type LimitFigures = Readonly<Record<LimitKind, number>>

/** Seconds in which the figure counts. */
export const windowSeconds: Readonly<Record<RateKind, number>> = {
  lists: 60,
  searches: 60,
  states: 60,
  coldStarts: 600,
}
