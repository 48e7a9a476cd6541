import type { Request, Router } from 'express'
import { createExamples, type ExampleParts } from '../addon/examples/examples.ts'
import { readManifest } from '../addon/manifest.ts'
import type { Config } from '../config/config.ts'
import type { Player } from '../player/player.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import type { LocalCatalogue } from '../sources/providers/catalogue/local-catalogue.ts'
import { posterTitles } from '../sources/providers/catalogue/poster-titles.ts'
import type { NetworkProviders } from '../sources/providers/create-providers.ts'
import type { SourceProvider } from '../sources/source.ts'
import type { NextRouteParts } from './pages/next-route.ts'
import { createPages, type PageParts } from './pages/pages.ts'

interface SiteParts
  extends Omit<ExampleParts, 'player' | 'titles' | 'sourceLists'>,
    Pick<PageParts, 'admins' | 'tried' | 'limits'>,
    Omit<NextRouteParts, keyof Player | keyof NetworkProviders | 'sourceLists'> {
  readonly config: Config
  readonly catalogue: LocalCatalogue
  readonly network: NetworkProviders
  readonly player: Player
  readonly sourceLists: SourceLists
  readonly providers: readonly SourceProvider[]
  readonly baseUrl: (req: Request) => string
}

/** The pages of a server, with what its parts know. */
export function createSite(parts: SiteParts): Router {
  const { config, catalogue, network, player, providers } = parts
  return createPages({
    ...parts,
    manifest: readManifest(config),
    kept: config,
    posterTitles: () => posterTitles(parts),
    examples: createExamples({ ...parts, titles: catalogue.titles }),
    providers: providers.map(({ name }) => name),
    watch: config.browser === 'off' ? undefined : { ...parts, ...player, ...network },
  })
}
