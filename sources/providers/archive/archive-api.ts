import { setImmediate as nextTick } from 'node:timers/promises'
import { z } from 'zod'
import { cleanText } from '../../../common/clean-text.ts'
import { Fault } from '../../../common/errors.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { askForeign, jsonOf } from '../shared/foreign-answer.ts'

/** What a search of the Internet Archive says of an item. */
export interface ArchiveHit {
  readonly identifier: string
  readonly title: string
  readonly year: number | undefined
  readonly licenceUrl: string | undefined
  readonly collections: readonly string[]
}

export interface ArchiveFile {
  /** Inside the item, `/` between segments. */
  readonly name: string
  readonly format: string
  readonly size: number | undefined
  readonly seconds: number | undefined
  readonly height: number | undefined
  /** The file that the archive made this one of; undefined for an uploaded file. */
  readonly madeOf: string | undefined
  readonly infoHash: string | undefined
}

export interface ArchiveItem extends ArchiveHit {
  readonly description: string
  readonly files: readonly ArchiveFile[]
}

/** The Internet Archive's public API (archive.org/developers); its answers are checked. */
export interface ArchiveApi {
  readonly host: string
  /**
   * @param query in Lucene's syntax, its words escaped by `lucene()`
   * @param address whose question it is, where that is counted
   * @throws as `item`
   */
  search(
    query: string,
    options: SearchOptions,
    signal: AbortSignal,
    address?: string,
  ): Promise<readonly ArchiveHit[]>
  /**
   * Undefined when there is none, or it may not be seen. @throws Fault UPSTREAM_FAILED,
   * OUTBOUND_REFUSED
   */
  item(identifier: string, signal: AbortSignal, address?: string): Promise<ArchiveItem | undefined>
  /** Address of one of its files; `name` undefined: of its torrent. */
  download(identifier: string, name: string): string
}

interface SearchOptions {
  readonly rows: number
  /** From 1. */
  readonly page?: number
  /** Such as `downloads desc`. */
  readonly sort?: string
}

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/
const MAX_TEXT = 300
const MAX_FILES = 2000
const FILES_AT_ONCE = 200
const FIELDS = ['identifier', 'title', 'year', 'date', 'licenseurl', 'collection']

/** Any field may be a text, a number, a list of either, or missing. */
const field = z
  .unknown()
  .optional()
  .transform((value): readonly string[] =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => typeof one === 'string' || typeof one === 'number')
      .map(String),
  )
const hitShape = z.object({
  identifier: field,
  title: field,
  year: field,
  date: field,
  licenseurl: field,
  collection: field,
  description: field,
  'access-restricted-item': field,
})
const resultShape = z.object({ response: z.object({ docs: z.array(z.unknown()) }) })
const fileShape = z.object({
  name: z.string().min(1).max(1000),
  format: field,
  size: field,
  length: field,
  height: field,
  source: field,
  original: field,
  btih: field,
})

export function createArchiveApi(base: string, outbound: Outbound): ArchiveApi {
  return {
    host: new URL(base).host,
    async search(query, { rows, page = 1, sort }, signal) {
      const address = new URL(`${base}/advancedsearch.php`)
      address.searchParams.set('q', query)
      for (const name of FIELDS) address.searchParams.append('fl[]', name)
      if (sort !== undefined) address.searchParams.append('sort[]', sort)
      address.searchParams.set('rows', String(rows))
      address.searchParams.set('page', String(page))
      address.searchParams.set('output', 'json')
      const answer = await jsonOf(await askForeign(outbound, address.href, signal))
      const { data } = resultShape.safeParse(answer)
      if (!data) throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('no search result') })
      return data.response.docs.slice(0, rows).flatMap((doc) => readHit(doc) ?? [])
    },
    async item(identifier, signal) {
      if (!IDENTIFIER.test(identifier)) return undefined
      const answer = await jsonOf(
        await askForeign(outbound, `${base}/metadata/${identifier}`, signal),
      )
      return readItem(answer, identifier)
    },
    download: (identifier, name) =>
      `${base}/download/${identifier}/${name.toWellFormed().split('/').map(encodeURIComponent).join('/')}`,
  }
}

/** Words without the characters that Lucene's syntax uses; quotes around them are the caller's. */
export const lucene = (text: string): string =>
  text
    .replace(/[+\-!(){}[\]^"~*?:\\/&|]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

function readHit(value: unknown): ArchiveHit | undefined {
  const { data } = hitShape.safeParse(value)
  const [identifier = ''] = data?.identifier ?? []
  const title = cleanText(data?.title[0] ?? '', MAX_TEXT)
  if (!data || !IDENTIFIER.test(identifier) || title === '') return undefined
  const year = /(?<!\d)(?:18|19|20)\d\d(?!\d)/.exec(`${data.year[0] ?? ''} ${data.date[0] ?? ''}`)
  const licence = data.licenseurl[0]
  return {
    identifier,
    title,
    year: year ? Number(year[0]) : undefined,
    licenceUrl: licence === undefined ? undefined : cleanText(licence, MAX_TEXT),
    collections: data.collection.slice(0, 100),
  }
}

/** An unknown item is `{}` with status 200; `is_dark`: it was taken down. */
async function readItem(answer: unknown, identifier: string): Promise<ArchiveItem | undefined> {
  const shape = z.object({
    metadata: z.unknown().optional(),
    files: z.array(z.unknown()),
    is_dark: z.unknown().optional(),
    nodownload: z.unknown().optional(),
  })
  const { data } = shape.safeParse(answer)
  if (!data || data.is_dark || data.nodownload) return undefined
  const hit = readHit({ ...(data.metadata as object), identifier })
  const restricted = hitShape.safeParse(data.metadata).data?.['access-restricted-item'][0]
  if (!hit || restricted === 'true') return undefined
  const files = await readFiles(data.files.slice(0, MAX_FILES))
  const description = hitShape.safeParse(data.metadata).data?.description.join(' ') ?? ''
  const plain = description
    .slice(0, 20_000)
    // No `<` inside a tag: with 20,000 of them in a row the pattern would take quadratic time.
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
  return { ...hit, description: cleanText(plain, 2000), files }
}

/** In small parts, between which others have their turn. */
async function readFiles(values: readonly unknown[]): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = []
  for (let from = 0; from < values.length; from += FILES_AT_ONCE) {
    await nextTick()
    const part = values.slice(from, from + FILES_AT_ONCE)
    files.push(...part.flatMap((file) => readFile(file) ?? []))
  }
  return files
}

function readFile(value: unknown): ArchiveFile | undefined {
  const { data } = fileShape.safeParse(value)
  if (!data) return undefined
  const hash = /^[0-9a-f]{40}$/i.exec(data.btih[0] ?? '')?.[0]
  return {
    name: data.name,
    format: data.format[0] ?? '',
    size: whole(data.size[0]),
    seconds: secondsOf(data.length[0]),
    height: whole(data.height[0]),
    madeOf: data.source[0] === 'derivative' ? data.original[0] : undefined,
    infoHash: hash?.toLowerCase(),
  }
}

/** The archive writes numbers as texts. */
const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

/** Seconds of `5734.51`, `95:34` or `1:35:34`. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,6}(?::\d{1,2}){0,2}(?:\.\d{1,6})?$/.test(text)) return undefined
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
