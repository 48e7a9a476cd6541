import type { Source } from '../source.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS, shortened, unique } from './bounded-source.ts'
import type { SourceListEntry, StoredSourceList } from './source-list-entry.ts'
import {
  draftEntry,
  Table,
  type WrittenEntry,
  type WrittenSourceList,
  writtenEntry,
  writtenNumber,
} from './stored-source-list.ts'

/** Of one list as JSON (UTF-8). 60 sources of a popular film take 10 to 14 KB. */
export const MAX_LIST_BYTES = 16 * 1024

/** How much of each source is written. */
interface Detail {
  readonly text: number
  readonly trackers: number
  readonly webSeeds: number
  /** A source has its label and its file name. */
  readonly both: boolean
  /** A source has its subtitles on other servers. */
  readonly subtitles: boolean
}
const WHOLE: Detail = {
  text: 1000,
  trackers: MAX_TRACKERS,
  webSeeds: MAX_WEB_SEEDS,
  both: true,
  subtitles: true,
}
const BARE: Detail = { ...WHOLE, subtitles: false }
const SHORT: Detail = { text: 80, trackers: 3, webSeeds: 1, both: false, subtitles: false }
/** Of a short source; only odd ones are larger: long addresses, trackers of its own, headers. */
const LARGE_BYTES = 256
/** What stays of a source that keeps its number only. */
const NUMBER_BYTES = 20

/**
 * The JSON to write, of at most 16 KiB. A list that is larger has no subtitles, then short texts and few trackers. When
 * that is not enough either, sources keep their numbers only, large ones first and then the last
 * ones: their provider has to name them again before they play. So no number is ever lost.
 */
export function storableSourceList(list: StoredSourceList): WrittenSourceList {
  const nothing = new Set<number>()
  const hasSubtitles = list.entries.some(({ source }) => source.subtitles !== undefined)
  for (const detail of hasSubtitles ? [WHOLE, BARE] : [WHOLE]) {
    const draft = written(list, detail, nothing, draftEntry)
    if (byteSize(draft) <= MAX_LIST_BYTES) return written(list, detail, nothing, writtenEntry)
  }
  return written(list, SHORT, withoutRoom(list), writtenEntry)
}

/** Whether some of its sources have a number and nothing else. */
export const isCutShort = ({ entries }: WrittenSourceList): boolean =>
  entries.some((entry) => typeof entry === 'string')

/**
 * The numbers that keep nothing else. Addresses are checked only of what is written then: to check
 * thousands of them would hold up everybody.
 */
function withoutRoom(list: StoredSourceList): ReadonlySet<number> {
  const forgotten = new Set<number>()
  let short = written(list, SHORT, forgotten, draftEntry)
  const order = expendable(short)
  for (let excess = byteSize(short) - MAX_LIST_BYTES; excess > 0 && order.length > 0; ) {
    while (excess > 0 && order.length > 0) {
      const [number = 0, bytes = 0] = order.shift() ?? []
      forgotten.add(number)
      excess -= bytes - NUMBER_BYTES
    }
    short = written(list, SHORT, forgotten, draftEntry)
    excess = byteSize(short) - MAX_LIST_BYTES
  }
  return forgotten
}

/** Numbers with their bytes, in the order in which they are forgotten. */
function expendable({ entries, trackers }: WrittenSourceList): [number, number][] {
  const users = new Map<number, number>()
  for (const place of entries.flatMap(trackersOf)) users.set(place, (users.get(place) ?? 0) + 1)
  const bytesOf = (entry: WrittenEntry): number => {
    const own = trackersOf(entry).filter((place) => users.get(place) === 1)
    return byteSize(entry) + own.reduce((sum, place) => sum + byteSize(trackers[place]), 0)
  }
  const all = entries.map((entry, number): [number, number] => [number, bytesOf(entry)])
  const large = all.filter(([, bytes]) => bytes > LARGE_BYTES).sort((a, b) => b[1] - a[1])
  return [...large, ...all.filter(([, bytes]) => bytes <= LARGE_BYTES).reverse()]
}

const trackersOf = (entry: WrittenEntry): readonly number[] =>
  typeof entry !== 'string' && 'magnet' in entry.at ? (entry.at.trackers ?? []) : []

function written(
  { usedAt, entries }: StoredSourceList,
  detail: Detail,
  forgotten: ReadonlySet<number>,
  write: typeof writtenEntry,
): WrittenSourceList {
  const tables = { providers: new Table(), trackers: new Table() }
  const all = entries.map((entry, number) =>
    forgotten.has(number) ? writtenNumber(entry, tables) : write(withDetail(entry, detail), tables),
  )
  const { providers, trackers } = tables
  return {
    version: 2,
    usedAt,
    providers: providers.texts,
    trackers: trackers.texts,
    entries: all,
  }
}

function withDetail(entry: SourceListEntry, detail: Detail): SourceListEntry {
  const { label, ...rest } = entry.source
  const { subtitles, ...named } = detail.both || rest.filename === undefined ? entry.source : rest
  const kept = detail.subtitles && subtitles && { subtitles }
  const source: Source = { ...named, ...shortened(named, detail.text), ...kept }
  const { locator } = source
  if (locator.kind !== 'magnet') return { ...entry, source }
  const trackers = unique(locator.trackers, detail.trackers)
  const webSeeds = unique(locator.webSeeds, detail.webSeeds)
  return { ...entry, source: { ...source, locator: { ...locator, trackers, webSeeds } } }
}

const byteSize = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')
