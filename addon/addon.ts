import type { Config } from '../config/config.ts'
import { type Manifest, type ManifestWishes, manifestAt, readManifest } from './manifest.ts'
import { createSdkBuilder, type HandlerArgs, type Viewer } from './sdk-builder.ts'
import { createStreamsHandler, type StreamList, type StreamsParts } from './streams-handler.ts'
import {
  createSubtitlesHandler,
  type SubtitleList,
  type SubtitlesParts,
} from './subtitles-handler.ts'

/** Who asks, when it is not a viewer at the bare address. */
export type ViewerWishes = Partial<Pick<Viewer, 'hop' | 'preferences'>>

/** What Stremio sees of this server. */
export interface Addon {
  /** Absolute addresses below the base URL (no slash at its end). */
  manifest(baseUrl: string, wishes?: ManifestWishes): Manifest
  /**
   * The streams of a Stremio video id; empty for ids that are not ours and when no provider answered.
   * Starts no download itself: opening an episode makes clients ask for the next one at once.
   */
  streams(
    type: string,
    id: string,
    baseUrl: string,
    signal: AbortSignal,
    wishes?: ViewerWishes,
  ): Promise<StreamList>
  /** Subtitles of what is known of the title's sources; `extra` says which file is played. */
  subtitles(
    type: string,
    id: string,
    extra: HandlerArgs['extra'],
    viewer: Viewer,
  ): Promise<SubtitleList>
}

export interface AddonParts extends StreamsParts, SubtitlesParts {
  readonly book: StreamsParts['book'] & SubtitlesParts['book']
  readonly player: StreamsParts['player'] & SubtitlesParts['player']
  readonly config: Pick<Config, 'stremioAddonsConfig'>
}

/**
 * The manifest and one handler a resource, each in a file of its own, behind the SDK's builder.
 * @throws Error when manifest.json is not one that the SDK's linter accepts
 */
export function createAddon(parts: AddonParts): Addon {
  const manifest = readManifest(parts.config)
  const builder = createSdkBuilder(manifest)
  builder.defineStreamHandler(createStreamsHandler(parts))
  builder.defineSubtitlesHandler(createSubtitlesHandler(parts))
  const { get } = builder.getInterface()
  return {
    manifest: (baseUrl, wishes) => manifestAt(manifest, baseUrl, wishes),
    streams: async (type, id, baseUrl, signal, wishes) => {
      const viewer: Viewer = { hop: 'none', ...wishes, baseUrl, signal }
      return (await get('stream', type, id, {}, viewer)) as StreamList
    },
    subtitles: async (type, id, extra, viewer) =>
      (await get('subtitles', type, id, extra, viewer)) as SubtitleList,
  }
}
