import sdk from 'stremio-addon-sdk'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Title } from '../common/title.ts'
import type { Config } from '../config/config.ts'
import type { Book, TitleBook } from '../sources/book.ts'
import type { Source } from '../sources/source.ts'
import { type Manifest, manifestAt, readManifest } from './manifest.ts'
import { type StreamObject, type StreamState, streamObject } from './stream-object.ts'
import { inViewersOrder } from './stream-order.ts'
import { titleOfStremioId } from './stremio-id.ts'

/** The SDK's names for the HTTP cache: seconds. */
export interface StreamList {
  readonly streams: readonly StreamObject[]
  readonly cacheMaxAge: number
  readonly staleRevalidate?: number
  readonly staleError?: number
}

/** What Stremio sees of this server. */
export interface Addon {
  /** Absolute addresses below the base URL (no slash at its end). */
  manifest(baseUrl: string): Manifest
  /**
   * The streams of a Stremio video id; empty for ids that are not ours and when no provider answered.
   * Never starts a download: opening an episode makes clients ask for the next one at once.
   */
  streams(type: string, id: string, baseUrl: string, signal: AbortSignal): Promise<StreamList>
}

export interface AddonParts {
  readonly book: Pick<Book, 'list'>
  /** What this server holds of a source; asked synchronously for every listed source. */
  readonly player: { state(title: Title, source: Source): StreamState }
  readonly config: Pick<Config, 'stremioAddonsConfig'>
  readonly log: Log
}

/** What a handler needs beside type and id; travels as the SDK's `config` argument. */
interface Viewer {
  readonly baseUrl: string
  readonly signal: AbortSignal
}

/** As stremio-addon-sdk 1.6 really calls it (src/builder.js); its published types differ. */
interface SdkBuilder {
  defineStreamHandler(
    handler: (args: { type: string; id: string; config: Viewer }) => Promise<StreamList>,
  ): void
  getInterface(): {
    get(resource: 'stream', type: string, id: string, extra: object, config: Viewer): unknown
  }
}

const EMPTY_AGE = 30
const ARRIVING_AGE = 15
const PARTIAL_AGE = 60
const FULL_AGE = 600

/** @throws Error when manifest.json is not one that the SDK's linter accepts. */
export function createAddon({ book, player, config, log }: AddonParts): Addon {
  const manifest = readManifest(config)
  // The builder freezes what it is given, and types `config` of a manifest only; hence copy and cast.
  const Builder = sdk.addonBuilder as unknown as new (manifest: object) => SdkBuilder
  const builder = new Builder(structuredClone(manifest))

  builder.defineStreamHandler(async ({ type, id, config: { baseUrl, signal } }) => {
    const title = titleOfStremioId(type, id)
    if (!title) return { streams: [], cacheMaxAge: FULL_AGE }
    const found = await listOrNothing(book, title, signal, log)
    const listed = inViewersOrder(
      found.sources
        .filter((source) => source.listed && !source.retired)
        .map((source) => ({ source, state: player.state(title, source) })),
    )
    const streams = listed.map((item) => streamObject(title, item.source, item.state, baseUrl))
    return { streams, ...ages(found, listed) }
  })

  const { get } = builder.getInterface()
  return {
    manifest: (baseUrl) => manifestAt(manifest, baseUrl),
    streams: async (type, id, baseUrl, signal) =>
      (await get('stream', type, id, {}, { baseUrl, signal })) as StreamList,
  }
}

/** A status other than 200 makes clients report the whole addon as broken, so nothing = empty. */
async function listOrNothing(
  book: Pick<Book, 'list'>,
  title: Title,
  signal: AbortSignal,
  log: Log,
) {
  try {
    return await book.list(title, signal)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PROVIDERS_FAILED') throw error
    log.warn({ type: title.type }, 'no provider answered; an empty list was sent')
    return { sources: [], failed: ['*'] } satisfies TitleBook
  }
}

function ages(
  found: TitleBook,
  listed: readonly { readonly state: StreamState }[],
): Omit<StreamList, 'streams'> {
  if (listed.some(({ state }) => state.kind === 'arriving')) return { cacheMaxAge: ARRIVING_AGE }
  if (listed.length === 0) return { cacheMaxAge: EMPTY_AGE }
  if (found.failed.length > 0) return { cacheMaxAge: PARTIAL_AGE }
  return { cacheMaxAge: FULL_AGE, staleRevalidate: 3600, staleError: 86_400 }
}
