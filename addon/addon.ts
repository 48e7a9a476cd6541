import type { Title } from '../common/title.ts'
import type { AnimeIds } from '../sources/anime/anime-ids.ts'
import type { CatalogTitles } from './catalog-titles.ts'
import { createCatalogsHandler, type MetaList } from './catalogs-handler.ts'
import {
  type Manifest,
  type ManifestConfig,
  type ManifestPreferences,
  manifestAt,
  readManifest,
  withAnime,
} from './manifest.ts'
import { createMetaHandler, type MetaAnswer } from './meta-handler.ts'
import { createSdkBuilder, type HandlerArgs, type Viewer } from './sdk-builder.ts'
import { createStreamsHandler, type StreamList, type StreamsParts } from './streams-handler.ts'
import { titleOf } from './stremio-id.ts'
import {
  createSubtitlesHandler,
  type SubtitleList,
  type SubtitlesParts,
} from './subtitles-handler.ts'

/** How long clients may cache an empty answer where there are no catalogs; seconds. */
const NO_CATALOG_AGE = 600

/** What is known of who asks, when it is not a viewer at the bare address. */
export type ViewerOptions = Partial<Pick<Viewer, 'address' | 'loopCheck' | 'preferences' | 'goOn'>>

/** What Stremio sees of this server. */
export interface Addon {
  /** Absolute addresses below the base URL (no slash at its end). */
  manifest(baseUrl: string, preferences?: ManifestPreferences): Manifest
  /** The title of a Stremio video id; undefined for ids that are not ours. */
  titleOf(type: string, id: string): Promise<Title | undefined>
  /**
   * The streams of a Stremio video id; empty for ids that are not ours and when no provider
   * answered. Starts no download itself: opening an episode makes clients ask for the next one at
   * once.
   */
  streams(
    type: string,
    id: string,
    baseUrl: string,
    signal: AbortSignal,
    options?: ViewerOptions,
  ): Promise<StreamList>
  /** Subtitles of what is known of the title's sources; `extra` says which file is played. */
  subtitles(
    type: string,
    id: string,
    extra: HandlerArgs['extra'],
    viewer: Viewer,
  ): Promise<SubtitleList>
  /** A page of a catalog that the manifest names; empty for any other. */
  catalog(type: string, id: string, extra: HandlerArgs['extra'], viewer: Viewer): Promise<MetaList>
  /** Name, year and description of a title with an id of our own; null for any other. */
  meta(type: string, id: string, viewer: Viewer): Promise<MetaAnswer>
}

export interface AddonParts extends StreamsParts, SubtitlesParts {
  readonly sourceLists: StreamsParts['sourceLists'] & SubtitlesParts['sourceLists']
  readonly player: StreamsParts['player'] & SubtitlesParts['player']
  readonly config: ManifestConfig
  readonly anime?: AnimeIds | undefined
  /** Not used with `catalogs: 'off'`. */
  readonly titles?: CatalogTitles
}

/**
 * The manifest and one handler for each resource, behind the SDK's builder.
 * @throws Error when manifest.json is not one that the SDK's linter accepts
 */
export function createAddon(parts: AddonParts): Addon {
  const manifest = readManifest(parts.config)
  const builder = createSdkBuilder(manifest)
  builder.defineStreamHandler(createStreamsHandler(parts))
  builder.defineSubtitlesHandler(createSubtitlesHandler(parts))
  const titles = manifest.catalogs.length > 0 ? parts.titles : undefined
  if (titles) {
    builder.defineCatalogHandler(createCatalogsHandler(titles))
    builder.defineMetaHandler(createMetaHandler(titles, parts.log))
  }
  const { get } = builder.getInterface()
  return {
    manifest: (baseUrl, preferences) =>
      manifestAt(withAnime(manifest, parts.anime?.sites ?? []), baseUrl, preferences),
    titleOf: (type, id) => titleOf(type, id, parts.anime),
    streams: async (type, id, baseUrl, signal, options) => {
      const viewer: Viewer = { loopCheck: 'viewer', ...options, baseUrl, signal }
      return (await get('stream', type, id, {}, viewer)) as StreamList
    },
    subtitles: async (type, id, extra, viewer) =>
      (await get('subtitles', type, id, extra, viewer)) as SubtitleList,
    catalog: async (type, id, extra, viewer) =>
      titles
        ? ((await get('catalog', type, id, extra, viewer)) as MetaList)
        : { metas: [], cacheMaxAge: NO_CATALOG_AGE },
    meta: async (type, id, viewer) =>
      titles
        ? ((await get('meta', type, id, {}, viewer)) as MetaAnswer)
        : { meta: null, cacheMaxAge: NO_CATALOG_AGE },
  }
}
