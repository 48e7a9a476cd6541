import { z } from 'zod'
import {
  MAX_TRACKERS,
  type Magnet,
  magnetOf,
  parseMagnet,
} from '../../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { cleanText } from '../../../common/clean-text.ts'
import { isVideo } from '../../../common/media-types.ts'
import { type Title, titleId } from '../../../common/title.ts'
import { proxyHeadersShape } from '../../lists/source-shapes.ts'
import type { ProxyHeaders, Selector, Source } from '../../source.ts'
import { goodOnesOf } from '../shared/foreign-json.ts'
import { magnetLocator } from '../shared/magnet-locator.ts'
import { statedFacts } from '../shared/stated-facts.ts'
import { linkWithHeader } from './link-credentials.ts'
import { readSubtitles } from './stated-subtitles.ts'

/** Of any list in a manifest or a stream; honest ones have a few dozen. */
const MAX_LIST = 200
const texts = goodOnesOf(z.string(), MAX_LIST).catch([])
const manifestShape = z.object({
  types: texts.optional(),
  idPrefixes: texts.nullish(),
  resources: goodOnesOf(
    z.union([
      z.string(),
      z.object({ name: z.string(), types: texts.nullish(), idPrefixes: texts.nullish() }),
    ]),
    MAX_LIST,
  ),
})
export type AddonManifest = z.infer<typeof manifestShape>

/** Undefined for a value that is not a manifest. */
export const readAddonManifest = (value: unknown): AddonManifest | undefined =>
  manifestShape.safeParse(value).data

/**
 * Whether the addon says that it has streams of this title (stremio-addon-sdk,
 * docs/api/responses/manifest.md). A resource in the short form has the types and prefixes of the
 * manifest, one in the long form those that it names.
 */
export function offersStreams(manifest: AddonManifest, title: Title): boolean {
  const id = titleId(title)
  return manifest.resources.some((resource) => {
    const short = typeof resource === 'string'
    if ((short ? resource : resource.name) !== 'stream') return false
    const types = (short ? undefined : resource.types) ?? manifest.types
    const prefixes = (short ? undefined : resource.idPrefixes) ?? manifest.idPrefixes
    if (!types?.includes(title.type)) return false
    return !prefixes || prefixes.length === 0 || prefixes.some((one) => id.startsWith(one))
  })
}

const optionalText = z.string().nullish().catch(undefined)
const trimmed = optionalText.transform((text) => text?.trim())
/** Some write numbers as texts. */
const asNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value
/** Every pattern below goes over it. */
const MAX_TEXT = 5000
const shortText = optionalText.transform((text) => text?.slice(0, MAX_TEXT))
const streamShape = z.object({
  name: shortText,
  title: shortText,
  description: shortText,
  infoHash: trimmed.transform((text) => text?.replace(/^urn:btih:/i, '')),
  fileIdx: z.preprocess(asNumber, z.int().min(0).max(65_535).nullish().catch(undefined)),
  url: trimmed,
  sources: texts.nullish(),
  announce: texts.nullish(),
  subtitles: z.unknown().optional(),
  behaviorHints: z
    .object({
      filename: optionalText,
      videoSize: z.preprocess(asNumber, z.int().positive().nullish().catch(undefined)),
      proxyHeaders: z.unknown().optional(),
    })
    .nullish()
    .catch(undefined),
})
type Stream = z.infer<typeof streamShape>

/** Lines of a text that may be the name of a release: honest ones have it in the first. */
const MAX_LINES = 4
const MAX_LABEL = 300
const MAX_FILE_NAME = 255

/** A stream that we can play, with the texts that may be the name of its release, the surest first. */
export interface StreamSource {
  readonly source: Source
  readonly names: readonly string[]
}

/** One stream; undefined for one that we cannot play or read. */
export function readStream(
  value: unknown,
  provider: string,
  mayRedirect: (url: string) => boolean,
): StreamSource | undefined {
  const stream = streamShape.safeParse(value).data
  const source = stream && sourceOf(stream, provider, mayRedirect)
  return source && { source, names: namesOf(stream) }
}

/** What plays is the file: where it is named, nothing else counts. */
function namesOf({ name, title, description, behaviorHints }: Stream): readonly string[] {
  const filename = cleanText(behaviorHints?.filename ?? '', MAX_FILE_NAME)
  if (isVideo(filename)) return [filename]
  const lines = `${description || title || ''}\n${name ?? ''}`.split('\n')
  const clean = lines.slice(0, MAX_LINES).map((line) => cleanText(line, MAX_LABEL))
  return [filename, ...clean].filter((line) => line !== '')
}

/** Undefined for one that we cannot play: YouTube, pages, Usenet. */
function sourceOf(
  stream: Stream,
  provider: string,
  mayRedirect: (url: string) => boolean,
): Source | undefined {
  const subtitles = readSubtitles(stream.subtitles, mayRedirect)
  const shared = { provider, ...factsOf(stream), ...(subtitles.length > 0 && { subtitles }) }
  const magnet = magnetIn(stream)
  if (magnet) {
    return { ...shared, selector: selectorOf(stream, shared), locator: magnetLocator(magnet) }
  }
  const { url, request } = linkWithHeader(stream.url ?? '')
  if (!url || !mayRedirect(url)) return undefined
  const given = stream.behaviorHints?.proxyHeaders
  const proxyHeaders = given == null ? undefined : proxyHeadersShape.safeParse(given).data
  // It needs headers that we cannot hand on: it would be listed, but never play.
  if (given != null && !proxyHeaders) return undefined
  const headers = {
    ...proxyHeaders,
    ...(request && { request: { ...request, ...proxyHeaders?.request } }),
  }
  const needed = hasAny(headers) ? { proxyHeaders: headers } : {}
  return { ...shared, ...needed, selector: {}, locator: { kind: 'url', url } }
}

/** The name that is listed says which file is meant, with an index or without. */
function selectorOf({ fileIdx }: Stream, { filename }: Partial<Source>): Selector {
  const selector = {
    ...(filename !== undefined && isVideo(filename) && { file: filename }),
    ...(fileIdx != null && { fileIdx }),
  }
  return Object.keys(selector).length > 0 ? { ...selector, isHint: true } : {}
}

const hasAny = (headers: ProxyHeaders | undefined): headers is ProxyHeaders =>
  [headers?.request, headers?.response].some((some) => some && Object.keys(some).length > 0)

/** From `infoHash` and its trackers (`tracker:udp://...`, or plain), or from a magnet in `url`. */
function magnetIn({ infoHash, url, sources, announce }: Stream): Magnet | undefined {
  const isMagnet = /^magnet:/i.test(url ?? '')
  if (!infoHash && !isMagnet) return undefined
  try {
    return infoHash
      ? magnetOf(infoHash, trackersIn([...(sources ?? []), ...(announce ?? [])]))
      : parseMagnet(url ?? '')
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}

const trackersIn = (given: readonly string[]): readonly string[] =>
  given
    .map((text) => text.replace(/^tracker:/i, ''))
    .filter((text) => text.length < 300 && !/^dht:/i.test(text))
    .slice(0, MAX_TRACKERS)

function factsOf({ name, title, description, behaviorHints }: Stream): Partial<Source> {
  const text = description || title || ''
  const [first = ''] = text.split('\n')
  const label = cleanText(first || (name ?? ''), MAX_LABEL)
  const filename = cleanText(behaviorHints?.filename ?? '', MAX_FILE_NAME)
  const quality = /(?<![\da-z])(?:\d{3,4}p|4k)(?![\da-z])/i.exec(`${name ?? ''} ${text}`)?.[0]
  const stated = statedFacts(`${text}\n${name ?? ''}`)
  const size = behaviorHints?.videoSize ?? stated.size
  return {
    ...(label && { label }),
    ...(filename && { filename }),
    ...(quality && { quality: quality.toLowerCase() }),
    ...(size && { size }),
    ...(stated.seeders !== undefined && { seeders: stated.seeders }),
  }
}
