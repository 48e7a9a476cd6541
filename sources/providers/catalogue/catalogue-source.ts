import { isMap, type Node } from 'yaml'
import { z } from 'zod'
import { parseMagnet } from '../../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { cleanText } from '../../../common/clean-text.ts'
import { isForeignUrl, WEB } from '../../../common/network/foreign-url.ts'
import type { Source } from '../../source.ts'
import { magnetLocator } from '../shared/magnet-locator.ts'
import { entryOf, type Syntax } from './catalogue-syntax.ts'

/** A source as a catalogue declares it; its files are checked each time the title is asked for. */
export interface DeclaredSource {
  readonly line: number
  readonly locator:
    | Extract<Source['locator'], { kind: 'magnet' | 'url' }>
    /** An http(s) URL, or a path as written. */
    | { readonly kind: 'torrent'; readonly from: string; readonly remote: boolean }
    | { readonly kind: 'path'; readonly path: string }
  readonly selector: Source['selector']
  readonly facts: Pick<Source, 'label' | 'quality' | 'size' | 'filename' | 'licence' | 'languages'>
}

const text = z
  .string()
  .min(1)
  .max(500)
  .transform((value) => cleanText(value, 300))
const address = z.string().min(1).max(8192)
/** Fits the path limits of all systems that we run on; no path has a NUL in it. */
const path = z
  .string()
  .min(1)
  .max(1024)
  .refine((value) => !value.includes('\0'), 'has a NUL in it')

const shape = z.strictObject({
  magnet: address.optional(),
  torrent: address.optional(),
  url: address.optional(),
  path: path.optional(),
  file: path.optional(),
  fileIdx: z.int().min(0).max(65_535).optional(),
  label: text.optional(),
  quality: text.optional(),
  size: z.int().min(0).optional(),
  filename: text.optional(),
  licence: text.optional(),
  languages: z.array(z.string().min(2).max(35)).max(50).optional(),
  seasons: z.array(z.int().min(0).max(9999)).min(1).max(1000).optional(),
})
type Written = z.infer<typeof shape>

const PLACES = ['magnet', 'torrent', 'url', 'path'] as const

interface EntryContext {
  readonly pack: boolean
  /** The title's licence, where the source names none. */
  readonly licence: string | undefined
}

/** One source of a catalogue; undefined, with a complaint, when it cannot be used. */
export function readSource(
  syntax: Syntax,
  node: Node | null,
  place: EntryContext,
  complain: (node: unknown, sentence: string) => void,
): { readonly seasons: readonly number[]; readonly source: DeclaredSource } | undefined {
  if (!isMap(node)) {
    complain(node, 'a source must be a map with "magnet", "torrent", "url" or "path"')
    return undefined
  }
  // The parser has reported it with its line already.
  if (syntax.broken(node)) return undefined
  const parsed = shape.safeParse(syntax.plain(node))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const key = String(issue?.path[0] ?? (issue?.code === 'unrecognized_keys' ? issue.keys[0] : ''))
    const reason = issue?.code === 'unrecognized_keys' ? 'is not known' : issue?.message
    complain(entryOf(node, key)?.key ?? node, `"${key.slice(0, 40)}": ${reason}`)
    return undefined
  }
  try {
    const source = declared(parsed.data, syntax.lineOf(node), place)
    return { source, seasons: parsed.data.seasons ?? [] }
  } catch (error) {
    complain(node, error instanceof ValidationError ? error.message : 'it cannot be read')
    return undefined
  }
}

/** @throws ValidationError */
function declared(written: Written, line: number, place: EntryContext): DeclaredSource {
  const named = PLACES.filter((name) => written[name] !== undefined)
  if (named.length !== 1) {
    throw new ValidationError('a source has exactly one of "magnet", "torrent", "url" and "path"')
  }
  if (place.pack !== (written.seasons !== undefined)) {
    throw new ValidationError(
      place.pack ? 'a pack needs "seasons", a list of numbers' : 'only a pack has "seasons"',
    )
  }
  const { file, fileIdx } = written
  if (file !== undefined && fileIdx !== undefined) {
    throw new ValidationError('give "file" or "fileIdx", not both')
  }
  const torrent = written.magnet !== undefined || written.torrent !== undefined
  if (!torrent && (place.pack || file !== undefined || fileIdx !== undefined)) {
    throw new ValidationError('packs, "file" and "fileIdx" belong to a magnet or a torrent')
  }
  const { locator, name } = locate(written)
  const label = written.label ?? name
  const licence = written.licence ?? place.licence
  const { quality, size, filename, languages } = written
  return {
    line,
    locator,
    selector: { ...(file !== undefined && { file }), ...(fileIdx !== undefined && { fileIdx }) },
    facts: {
      ...(label !== undefined && { label }),
      ...(licence !== undefined && { licence }),
      ...(quality !== undefined && { quality }),
      ...(size !== undefined && { size }),
      ...(filename !== undefined && { filename }),
      ...(languages !== undefined && { languages }),
    },
  }
}

function locate(written: Written): {
  locator: DeclaredSource['locator']
  name?: string | undefined
} {
  if (written.magnet !== undefined) {
    const magnet = parseMagnet(written.magnet)
    return { locator: magnetLocator(magnet), name: magnet.name }
  }
  if (written.url !== undefined) return { locator: { kind: 'url', url: webAddress(written.url) } }
  if (written.path !== undefined) return { locator: { kind: 'path', path: written.path } }
  const from = written.torrent ?? ''
  const remote = /^[a-z][a-z0-9+.-]+:/i.test(from)
  return { locator: { kind: 'torrent', from: remote ? webAddress(from) : from, remote } }
}

/** @throws ValidationError */
function webAddress(written: string): string {
  if (isForeignUrl(written, WEB)) return new URL(written).href
  throw new ValidationError(
    'an address must be a whole http or https URL without user or password, at most 8 KiB',
  )
}
