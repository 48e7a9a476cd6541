import type { Title } from '../../common/title.ts'
import { isPrivateId } from '../free-films.ts'
import type { SourceProvider } from '../source.ts'

/** Those that may know the title, in their order. What only this server knows is told nobody on the network. */
export const askedFor = (
  title: Title,
  providers: readonly SourceProvider[],
): readonly SourceProvider[] =>
  providers.filter(
    (provider) =>
      provider.mayKnow?.(title) ?? (provider.authority === 'owned' || !isPrivateId(title.imdbId)),
  )
