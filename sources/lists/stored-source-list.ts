import { z } from 'zod'
import { isForeignUrl, TRACKER, WEB } from '../../common/network/foreign-url.ts'
import type { Locator, Source } from '../source.ts'
import { entryId, isSourceKey } from '../source-key.ts'

/** Of one title. What would be number 501 is not listed until the index has forgotten the list. */
export const MAX_NUMBERS = 500

/** One entry of a source list; its number is its place in the list. */
export interface SourceListEntry {
  readonly key: string
  readonly listed: boolean
  readonly retired: boolean
  readonly source: Source
}

export interface StoredSourceList {
  /** When it was last used, wall-clock milliseconds. */
  readonly usedAt: number
  readonly entries: readonly SourceListEntry[]
}

const text = z.string().max(1000)
const web = z.string().refine((url) => isForeignUrl(url, WEB))
const tracker = z.string().refine((url) => isForeignUrl(url, TRACKER))
const infoHash = z.string().regex(/^[0-9a-f]{40}$/)

/**
 * `local` stands for a file of some machine; its path is never written. Otherwise whoever can write
 * to a shared index could make this server hand out any file. The catalogue names the path each
 * time.
 */
const locator = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('magnet'),
    infoHash,
    trackers: z.array(tracker).max(40),
    webSeeds: z.array(web).max(40),
  }),
  z.object({ kind: z.literal('torrent'), from: web, infoHash: infoHash.exactOptional() }),
  z.object({ kind: z.literal('url'), url: web }),
  z.object({ kind: z.literal('local') }),
])

/**
 * Tokens and visible characters only (RFC 9110 5.6.2 and 5.5): a line break would begin another
 * header.
 */
const headers = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/),
    z.string().regex(/^[\t\x20-\x7e]{0,1000}$/),
  )
  .refine((given) => Object.keys(given).length <= 20)
export const proxyHeadersShape = z.object({
  request: headers.exactOptional(),
  response: headers.exactOptional(),
})

const entryShape = z.object({
  key: z.string().refine(isSourceKey),
  listed: z.boolean(),
  retired: z.boolean(),
  source: z.object({
    locator,
    selector: z.object({
      file: text.exactOptional(),
      fileIdx: z.int().min(0).max(65_535).exactOptional(),
    }),
    provider: text,
    identity: text.exactOptional(),
    label: text.exactOptional(),
    quality: text.exactOptional(),
    size: z.int().min(0).exactOptional(),
    filename: text.exactOptional(),
    licence: text.exactOptional(),
    seeders: z.int().min(0).exactOptional(),
    languages: z.array(text).max(50).exactOptional(),
    proxyHeaders: proxyHeadersShape.exactOptional(),
  }),
})

const listShape = z.object({
  version: z.literal(1),
  usedAt: z.number(),
  entries: z.array(entryShape).max(MAX_NUMBERS),
})
/** The JSON that the index holds. */
export type WrittenSourceList = z.infer<typeof listShape>
type WrittenEntry = z.infer<typeof entryShape>

/** A local file that no catalogue has named since: it has a number, but nothing to play. */
const NOWHERE: Locator = { kind: 'path', path: '' }

/** Others may write to the index: a value that is not a whole source list counts as none. */
export function readStoredSourceList(value: unknown): StoredSourceList | undefined {
  const parsed = listShape.safeParse(value)
  if (!parsed.success) return undefined
  const entries = parsed.data.entries.map(({ source, ...rest }): SourceListEntry => {
    const { locator: place } = source
    if (place.kind !== 'local') return { ...rest, source: { ...source, locator: place } }
    return { ...rest, retired: true, source: { ...source, locator: NOWHERE } }
  })
  const ids = new Set(entries.map(({ key, source }) => entryId(key, source.locator)))
  return ids.size === entries.length ? { usedAt: parsed.data.usedAt, entries } : undefined
}

/** The JSON to write. A source that could not be read back keeps its number only. */
export function storableSourceList({ usedAt, entries }: StoredSourceList): WrittenSourceList {
  return { version: 1, usedAt, entries: entries.map(writtenEntry) }
}

function writtenEntry(entry: SourceListEntry): WrittenEntry {
  const locator = storable(entry.source.locator)
  const whole = entryShape.safeParse({ ...entry, source: { ...entry.source, locator } })
  if (whole.success) return whole.data
  const source = {
    locator: { kind: 'local' as const },
    selector: {},
    provider: entry.source.provider,
  }
  return { key: entry.key, listed: false, retired: entry.retired, source }
}

function storable(locator: Locator): Locator | { readonly kind: 'local' } {
  if (locator.kind === 'magnet' || locator.kind === 'url') return locator
  return locator.kind === 'torrent' && isForeignUrl(locator.from, WEB) ? locator : { kind: 'local' }
}

/** Whether the source can be played as it stands. */
export const isPlayable = ({ locator }: Source): boolean =>
  locator.kind !== 'path' || locator.path !== ''
