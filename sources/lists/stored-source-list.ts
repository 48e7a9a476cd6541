import { z } from 'zod'
import { MAX_PEERS } from '../../common/bittorrent/magnet.ts'
import { isForeignUrl, TRACKER, WEB } from '../../common/network/foreign-url.ts'
import type { Locator, Source } from '../source.ts'
import { entryId } from '../source-key.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS } from './bounded-source.ts'
import { readEarlierSourceList } from './earlier-source-list.ts'
import {
  FORGOTTEN_MAGNET,
  isLocal,
  MAX_NUMBERS,
  NOWHERE,
  type SourceListEntry,
  type StoredSourceList,
} from './source-list-entry.ts'
import {
  factsShape,
  infoHash,
  peer,
  providerName,
  selectorShape,
  sourceKeyShape,
  tracker,
  web,
} from './source-shapes.ts'

const place = z.int().min(0)

/**
 * Where a source is. `local` stands for a file of some machine; its path is never written. Otherwise
 * whoever can write to a shared index could make this server hand out any file. The catalogue names
 * the path each time.
 */
const whereShape = z.union([
  z.strictObject({
    magnet: infoHash,
    /** Places in the list's `trackers`. */
    trackers: z.array(place).max(MAX_TRACKERS).exactOptional(),
    webSeeds: z.array(web).max(MAX_WEB_SEEDS).exactOptional(),
    peers: z.array(peer).max(MAX_PEERS).exactOptional(),
  }),
  z.strictObject({ torrent: web, infoHash: infoHash.exactOptional() }),
  z.strictObject({ url: web }),
  z.strictObject({ local: z.literal(true) }),
])

type Where = z.infer<typeof whereShape>

const entryShape = z.object({
  key: sourceKeyShape,
  /** Place in the list's `providers`. */
  by: place,
  unlisted: z.literal(true).exactOptional(),
  retired: z.literal(true).exactOptional(),
  at: whereShape,
  ...selectorShape.shape,
  ...factsShape.shape,
})
/**
 * An entry of which there is no room for more than the number (fit-source-list.ts): its key, whether it
 * is a magnet or another source, the place of its provider, and whether it is unlisted or retired.
 */
const NUMBER_ONLY = /^([a-z2-7]{10}) ([mo])(\d{1,4})(u?)(r?)$/
const numberOnly = z.string().regex(NUMBER_ONLY)
export type WrittenEntry = z.infer<typeof entryShape> | string

/** Version 2: providers and trackers stand in it once each. */
const listShape = z.object({
  version: z.literal(2),
  usedAt: z.number(),
  providers: z.array(providerName),
  trackers: z.array(tracker),
  entries: z.array(z.union([entryShape, numberOnly])).max(MAX_NUMBERS),
})
/** The JSON that the index holds. */
export type WrittenSourceList = z.infer<typeof listShape>

/** Others may write to the index: a value that is not a whole source list counts as none. */
export function readStoredSourceList(value: unknown): StoredSourceList | undefined {
  const { data } = listShape.safeParse(value)
  const list = data
    ? { usedAt: data.usedAt, entries: data.entries.map((entry) => entryOf(entry, data)) }
    : readEarlierSourceList(value)
  if (!list) return undefined
  const ids = new Set(list.entries.map(({ key, source }) => entryId(key, source.locator)))
  return ids.size === list.entries.length ? list : undefined
}

function entryOf(written: WrittenEntry, list: WrittenSourceList): SourceListEntry {
  if (typeof written === 'string') return numberedOnly(written, list)
  const { key, by, unlisted, retired, at, file, fileIdx, isHint, ...facts } = written
  const selector = {
    ...(file !== undefined && { file }),
    ...(fileIdx !== undefined && { fileIdx }),
    ...(isHint && { isHint }),
  }
  const provider = list.providers[by] ?? ''
  const source: Source = { ...facts, locator: locatorOf(at, list.trackers), selector, provider }
  return { key, listed: unlisted !== true, retired: retired === true, source }
}

function numberedOnly(written: string, { providers }: WrittenSourceList): SourceListEntry {
  const [, key = '', kind, by, unlisted, retired] = NUMBER_ONLY.exec(written) ?? []
  const locator = kind === 'm' ? FORGOTTEN_MAGNET : NOWHERE
  const source = { locator, selector: {}, provider: providers[Number(by)] ?? '' }
  return { key, listed: unlisted === '', retired: retired !== '', source }
}

function locatorOf(at: Where, trackers: readonly string[]): Locator {
  if ('magnet' in at) {
    const own = (at.trackers ?? []).flatMap((index) => trackers[index] ?? [])
    const webSeeds = at.webSeeds ?? []
    const { peers } = at
    return { kind: 'magnet', infoHash: at.magnet, trackers: own, webSeeds, ...(peers && { peers }) }
  }
  if ('torrent' in at) {
    const known = at.infoHash === undefined ? {} : { infoHash: at.infoHash }
    return { kind: 'torrent', from: at.torrent, ...known }
  }
  if ('url' in at) return { kind: 'url', url: at.url }
  return NOWHERE
}

/** One text stands once in its table, whoever uses it. */
export class Table {
  readonly #places = new Map<string, number>()

  placeOf(text: string): number {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.#places.size)
    return this.#places.size - 1
  }

  get texts(): string[] {
    return [...this.#places.keys()]
  }
}

export interface Tables {
  readonly providers: Table
  readonly trackers: Table
}

/** An entry as it would be written, to see how large it is: nothing of it is checked. */
export const draftEntry = (entry: SourceListEntry, tables: Tables): WrittenEntry =>
  drafted(entry, tables, () => true) ?? writtenNumber(entry, tables)

/** An entry to write; one that could not be read back keeps its number only. */
export function writtenEntry(entry: SourceListEntry, tables: Tables): WrittenEntry {
  const draft = drafted(entry, tables, isForeignUrl)
  return (draft && entryShape.safeParse(draft).data) ?? writtenNumber(entry, tables)
}

/** Undefined when there is nothing that could be read back. */
function drafted(entry: SourceListEntry, tables: Tables, isSound: typeof isForeignUrl) {
  const { key, listed, retired, source } = entry
  const { locator, selector, provider, ...facts } = source
  const at = whereOf(locator, tables.trackers, isSound)
  const by = tables.providers.placeOf(provider)
  // Each node has files of its own, and knows by itself whether they are there.
  const flags = !isLocal(locator) && {
    ...(!listed && { unlisted: true as const }),
    ...(retired && { retired: true as const }),
  }
  return at && ({ key, by, ...flags, at, ...selector, ...facts } as z.infer<typeof entryShape>)
}

/** The number of an entry, and nothing else of it. */
export function writtenNumber(entry: SourceListEntry, { providers }: Tables): string {
  const { key, listed, retired, source } = entry
  const kind = source.locator.kind === 'magnet' ? 'm' : 'o'
  const by = providers.placeOf(source.provider)
  if (isLocal(source.locator)) return `${key} ${kind}${by}`
  return `${key} ${kind}${by}${listed ? '' : 'u'}${retired ? 'r' : ''}`
}

function whereOf(
  locator: Locator,
  trackers: Table,
  isSound: typeof isForeignUrl,
): Where | undefined {
  switch (locator.kind) {
    case 'magnet': {
      if (locator.infoHash === '') return undefined
      const sound = locator.trackers.filter((one) => isSound(one, TRACKER))
      const places = sound.map((one) => trackers.placeOf(one))
      return {
        magnet: locator.infoHash,
        ...(places.length > 0 && { trackers: places }),
        ...(locator.webSeeds.length > 0 && { webSeeds: [...locator.webSeeds] }),
        ...(locator.peers && { peers: [...locator.peers] }),
      }
    }
    case 'torrent': {
      const known = locator.infoHash === undefined ? {} : { infoHash: locator.infoHash }
      return isSound(locator.from, WEB) ? { torrent: locator.from, ...known } : { local: true }
    }
    case 'url':
      return { url: locator.url }
    case 'path':
      return { local: true }
  }
}
