import type { Config } from '../../config/config.ts'
import { type ProviderPlace, providerNames } from './shared/provider-name.ts'

/** A server that an operator named. */
export interface NetworkPlace extends ProviderPlace {
  readonly kind: 'addon' | 'torznab' | 'feed'
  /** As lists show it. */
  readonly name: string
}

/** Other addons, then indexers, then feeds, each in the order of its setting. */
export function networkPlaces({
  addons,
  torznab,
  feeds,
}: Pick<Config['providers'], 'addons' | 'torznab' | 'feeds'>): readonly NetworkPlace[] {
  const places: readonly Omit<NetworkPlace, 'name'>[] = [
    ...addons.map((address) => ({ kind: 'addon' as const, address })),
    ...torznab.map((address) => ({ kind: 'torznab' as const, address, guess: indexerIn })),
    ...feeds.map((address) => ({ kind: 'feed' as const, address })),
  ]
  const names = providerNames(places)
  return places.map((place, at) => ({ ...place, name: names[at] ?? '' }))
}

/** Jackett: `/api/v2.0/indexers/<id>/results/torznab/api`. */
function indexerIn({ pathname }: URL): string | undefined {
  const id = /\/indexers\/([\w-]{1,40})\//.exec(pathname)?.[1]
  return id === 'all' ? undefined : id
}
