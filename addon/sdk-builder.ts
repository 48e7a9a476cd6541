import sdk from 'stremio-addon-sdk'
import type { LoopCheck } from '../common/network/loop-header.ts'
import type { MetaList } from './catalogs-handler.ts'
import type { MetaAnswer } from './meta-handler.ts'
import type { Preferences } from './preferences.ts'
import type { StreamList } from './streams-handler.ts'
import type { SubtitleList } from './subtitles-handler.ts'

/** What a handler needs beside type and id; travels as the SDK's `config` argument. */
export interface Viewer {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly signal: AbortSignal
  /** Whether another addon asks. */
  readonly loopCheck: LoopCheck
  /** As it takes its turn, where that is counted. */
  readonly address?: string | undefined
  /** Resolves when it may go on with what others waited for too. */
  readonly goOn?: (() => Promise<void>) | undefined
  /** From the address; absent in a bare one. */
  readonly preferences?: Preferences
}

export interface HandlerArgs {
  readonly type: string
  readonly id: string
  /** `filename`, `videoHash`, `skip`, ... as the client wrote them. */
  readonly extra: Readonly<Record<string, string | undefined>>
  readonly config: Viewer
}

/** As stremio-addon-sdk 1.6 really calls it (src/builder.js); its published types differ. */
export interface SdkBuilder {
  defineStreamHandler(handler: (args: HandlerArgs) => Promise<StreamList>): void
  defineSubtitlesHandler(handler: (args: HandlerArgs) => Promise<SubtitleList>): void
  defineCatalogHandler(handler: (args: HandlerArgs) => Promise<MetaList>): void
  defineMetaHandler(handler: (args: HandlerArgs) => Promise<MetaAnswer>): void
  getInterface(): {
    get(resource: string, type: string, id: string, extra: object, config: Viewer): unknown
  }
}

/** @throws Error when the manifest is not one that the SDK's linter accepts */
export function createSdkBuilder(manifest: object): SdkBuilder {
  // The builder freezes what it is given (hence the copy), and its types are not ours (hence the
  // cast).
  const Builder = sdk.addonBuilder as unknown as new (manifest: object) => SdkBuilder
  return new Builder(structuredClone(manifest))
}
