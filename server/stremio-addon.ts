import { type Addon, createAddon } from '../addon/addon.ts'
import {
  type CatalogParts,
  type CatalogTitles,
  createCatalogTitles,
} from '../addon/catalog-titles.ts'
import type { Log } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import type { Player } from '../player/player.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import type { LocalCatalogue } from '../sources/providers/catalogue/local-catalogue.ts'
import type { NetworkProviders } from '../sources/providers/create-providers.ts'

interface StremioParts extends Pick<CatalogParts, 'blocklist' | 'parser'> {
  readonly config: Config
  readonly catalogue: Pick<LocalCatalogue, 'named'>
  readonly network: Pick<NetworkProviders, 'freeFilms' | 'unknownFiles' | 'anime'>
  readonly sourceLists: SourceLists
  readonly player: Pick<Player, 'availability' | 'storedTitles' | 'subtitles'>
  readonly log: Log
}

/** Stremio's side of the parts: lists, catalogs, subtitles; and the titles that catalogs may name. */
export function createStremioAddon(parts: StremioParts): {
  readonly addon: Addon
  readonly catalogTitles: CatalogTitles
} {
  const { config, catalogue, network, sourceLists, log } = parts
  const { availability, storedTitles, subtitles } = parts.player
  const catalogTitles = createCatalogTitles({
    ...parts,
    naming: config.catalogs === 'all' ? 'all' : 'free',
    local: catalogue.named,
    elsewhere: network.freeFilms,
    library: network.unknownFiles,
    stored: () => storedTitles.list(),
  })
  const addon = createAddon({
    sourceLists,
    anime: network.anime,
    titles: catalogTitles,
    config,
    log,
    player: {
      state: availability.of,
      recall: availability.recall,
      known: async (title, sources, wait) => {
        const looked = subtitles.look(title, sources, wait)
        await availability.whenKnown(title, sources, wait)
        await looked
      },
      subtitles: (title, source) => subtitles.tracks(title, source),
    },
  })
  return { addon, catalogTitles }
}
