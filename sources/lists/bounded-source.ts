import type { Locator, Source } from '../source.ts'

/** Of one torrent: which of its trackers is alive only shows when it is played. */
export const MAX_TRACKERS = 40
/** Bytes of all of them, so that many long ones do not make a source too large to be listed. */
const MAX_TRACKER_BYTES = 2048
export const MAX_WEB_SEEDS = 10
/** Characters of each text that is only shown. */
const MAX_TEXT = 300
/** Bytes of one source as JSON: a link has up to 8 KiB. Most have some 300; one with every header that may be sent has 40,000. */
const MAX_SOURCE_BYTES = 12 * 1024
/** Of one answer; 500 usual sources have 180 KB. */
const MAX_ANSWER_BYTES = 256 * 1024

/** Of the addresses of subtitles, which are more than the rest of most sources. */
const MAX_SUBTITLE_BYTES = 64 * 1024

/** What is kept of an answer, and how much that is. */
export interface BoundedSources {
  readonly sources: readonly Source[]
  /** The same as a text: their objects take two to three times as much memory. */
  readonly json: string
}

/**
 * The sources of a foreign answer, each within 12 KiB and all within 256 KiB; what is more is left out, subtitles
 * above 64 KiB first. Equal lists of trackers
 * are one array, for most sources of a title have the same. Texts are copied: a part of a text would
 * keep the whole answer in memory.
 */
export function boundedSources(sources: readonly Source[]): BoundedSources {
  const trackerLists = new Map<string, readonly string[]>()
  const kept: Source[] = []
  const texts: string[] = []
  let bytes = 0
  let subtitleBytes = 0
  for (const { subtitles, ...source } of sources) {
    subtitleBytes += subtitles ? Buffer.byteLength(JSON.stringify(subtitles)) : 0
    const withThem = subtitles && subtitleBytes <= MAX_SUBTITLE_BYTES && { subtitles }
    const json = JSON.stringify({ ...bounded(source), ...withThem })
    const size = Buffer.byteLength(json)
    if (size > MAX_SOURCE_BYTES) continue
    if (bytes + size > MAX_ANSWER_BYTES) break
    bytes += size
    texts.push(json)
    kept.push(withShared(JSON.parse(json) as Source, trackerLists))
  }
  return { sources: kept, json: `[${texts.join()}]` }
}

const bounded = (source: Source): Source => ({
  ...source,
  locator: boundedLocator(source.locator),
  ...shortened(source, MAX_TEXT),
})

const boundedLocator = (locator: Locator): Locator =>
  locator.kind === 'magnet'
    ? {
        ...locator,
        trackers: within(unique(locator.trackers, MAX_TRACKERS), MAX_TRACKER_BYTES),
        webSeeds: unique(locator.webSeeds, MAX_WEB_SEEDS),
      }
    : locator

/** The first ones, of so many bytes together. */
function within(addresses: readonly string[], maxBytes: number): string[] {
  let bytes = 0
  return addresses.filter((address) => {
    bytes += Buffer.byteLength(address)
    return bytes <= maxBytes
  })
}

/** The first ones, each once. */
export const unique = (addresses: readonly string[], max: number): string[] =>
  [...new Set(addresses)].slice(0, max)

/** The texts that are only shown, with at most `max` characters; those that name the source stay. */
export function shortened(source: Source, max: number): Partial<Source> {
  const { label, filename, quality, licence, languages } = source
  const cut = (text: string): string => text.slice(0, max).toWellFormed()
  return {
    ...(label !== undefined && { label: cut(label) }),
    ...(filename !== undefined && { filename: cut(filename) }),
    ...(quality !== undefined && { quality: cut(quality) }),
    ...(licence !== undefined && { licence: cut(licence) }),
    ...(languages !== undefined && { languages: languages.slice(0, 20).map(cut) }),
  }
}

function withShared(source: Source, lists: Map<string, readonly string[]>): Source {
  if (source.locator.kind !== 'magnet') return source
  const name = source.locator.trackers.join(' ')
  const trackers = lists.get(name) ?? source.locator.trackers
  lists.set(name, trackers)
  return { ...source, locator: { ...source.locator, trackers } }
}
