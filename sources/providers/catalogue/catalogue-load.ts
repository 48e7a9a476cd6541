import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { ParsedCatalogue } from './catalogue-format.ts'
import type { CatalogueParser } from './catalogue-parser.ts'

const MAX_CATALOGUE_BYTES = 5 * 1024 * 1024
const MAX_CATALOGUE_FILES = 500
const MAX_REREADS = 3
const FETCH_TIMEOUT_MS = 10_000
const CATALOGUE_NAME = /\.(?:json|ya?ml)$/i

/** One catalogue text as it was last read. */
export interface LoadedCatalogue extends ParsedCatalogue {
  /** Its name in problems: as the operator wrote it, but without a URL's query. */
  readonly name: string
  /** Its folder; undefined when it came from the network. */
  readonly root: string | undefined
}

/** Where catalogues are: a file, a folder of files, or a URL. */
export interface CataloguePlace {
  readonly name: string
  /** The folder to watch; undefined for a URL. */
  readonly folder: string | undefined
  /**
   * Reads the catalogues; undefined when nothing has changed since the reading with version
   * `before`.
   * @throws ValidationError, Fault
   */
  read(before: string | undefined, signal: AbortSignal): Promise<Reading | undefined>
}

export interface Reading {
  /** Differs when anything has changed. */
  readonly version: string
  readonly catalogues: readonly LoadedCatalogue[]
  /** Why parts could not be read; sentences. */
  readonly problems: readonly string[]
}

type Parser = Pick<CatalogueParser, 'parse'>

export const isWebPlace = (location: string): boolean => /^https?:\/\//i.test(location)

/** A file or a folder; which of the two it is may change from one reading to the next. */
export function localPlace(location: string, parser: Parser): CataloguePlace {
  const path = resolve(location)
  return {
    name: location,
    folder: CATALOGUE_NAME.test(path) ? dirname(path) : path,
    async read(before) {
      let listing = await filesAt(path, location)
      if (versionOf(listing) === before) return undefined
      let read = await Promise.all(listing.files.map((file) => readOne(file, parser)))
      // One that changed or went while it was read is no problem of its text: what is there now
      // counts. A folder that never rests is read as it is, and again at the next poll.
      for (let tries = 0; read.some(isSentence) && tries < MAX_REREADS; tries++) {
        const now = await filesAt(path, location)
        if (versionOf(now) === versionOf(listing)) break
        listing = now
        read = await Promise.all(listing.files.map((file) => readOne(file, parser)))
      }
      return {
        version: versionOf(listing),
        catalogues: read.filter((one) => typeof one !== 'string'),
        problems: [...listing.problems, ...read.filter(isSentence)],
      }
    },
  }
}

interface CatalogueFile {
  readonly path: string
  readonly name: string
  readonly size: number
  readonly stamp: string
}

interface Listing {
  readonly files: readonly CatalogueFile[]
  readonly problems: readonly string[]
}

const versionOf = ({ files }: Listing): string =>
  files.map((file) => `${file.path}|${file.stamp}`).join('\n')

const isSentence = (one: LoadedCatalogue | string): one is string => typeof one === 'string'

async function filesAt(path: string, location: string): Promise<Listing> {
  const facts = await stat(path).catch(() => undefined)
  if (!facts) throw new ValidationError(`${location}: is not there, or cannot be read`)
  const problems: string[] = []
  if (!facts.isDirectory()) return { files: [await statOf(path, location)], problems }
  const names = (await readdir(path)).filter((name) => CATALOGUE_NAME.test(name)).sort()
  if (names.length > MAX_CATALOGUE_FILES) {
    problems.push(`${location}: only the first ${MAX_CATALOGUE_FILES} catalogues are read`)
  }
  const files = names
    .slice(0, MAX_CATALOGUE_FILES)
    .map((name) => statOf(join(path, name), join(location, name)))
  return { files: await Promise.all(files), problems }
}

async function statOf(path: string, name: string): Promise<CatalogueFile> {
  const facts = await stat(path).catch(() => undefined)
  const size = facts?.isFile() ? facts.size : -1
  return { path, name, size, stamp: `${facts?.mtimeMs}:${size}:${facts?.ino}` }
}

/** The catalogue, or a sentence that says why it cannot be read. */
async function readOne(file: CatalogueFile, parser: Parser): Promise<LoadedCatalogue | string> {
  if (file.size < 0) return `${file.name}: is not a file`
  if (file.size > MAX_CATALOGUE_BYTES) return `${file.name}: is larger than 5 MiB`
  try {
    const text = await readFile(file.path, 'utf8')
    return { ...(await parser.parse(text)), name: file.name, root: dirname(file.path) }
  } catch (error) {
    return `${file.name}: ${whyOf(error)}`
  }
}

const whyOf = (error: unknown): string =>
  error instanceof ValidationError ? error.message : 'cannot be read'

/** One catalogue at a URL, asked again with its ETag (RFC 9110 13.1.2). */
export function webPlace(location: string, outbound: Outbound, parser: Parser): CataloguePlace {
  const shown = withoutSecrets(location)
  let etag: string | undefined
  /** The last one that took too much: it is not tried again at every poll. */
  let unreadable: string | undefined
  return {
    name: shown,
    folder: undefined,
    async read(before, signal) {
      const answer = await outbound.get(location, {
        signal,
        timeoutMs: FETCH_TIMEOUT_MS,
        maxBytes: MAX_CATALOGUE_BYTES,
        ...(etag !== undefined && before !== undefined && { headers: { 'if-none-match': etag } }),
      })
      if (answer.status === 304) return undefined
      if (answer.status !== 200) throw new ValidationError(`${shown}: answered ${answer.status}`)
      const version = createHash('sha256').update(answer.body).digest('hex')
      if (version === unreadable) throw new ValidationError(`${shown}: cannot be read, as before`)
      etag = answer.headers.etag
      if (version === before) return undefined
      const parsed = await parser.parse(answer.body.toString('utf8')).catch((error: unknown) => {
        unreadable = version
        etag = undefined
        throw new ValidationError(`${shown}: ${whyOf(error)}`)
      })
      return { version, catalogues: [{ ...parsed, name: shown, root: undefined }], problems: [] }
    },
  }
}

/** Without user, password and query, which may hold secrets, for messages and the log. */
function withoutSecrets(location: string): string {
  const url = URL.parse(location)
  return url ? `${url.protocol}//${url.host}${url.pathname}` : 'a catalogue URL'
}
