import { createHash } from 'node:crypto'

/** A title as a catalog names it. */
export interface CatalogueTitle {
  readonly type: 'movie' | 'series'
  readonly imdbId: string
  readonly name: string
  readonly year: number | undefined
  readonly licence: string | undefined
  /** Plain text; may be empty. */
  readonly description: string
  /** Of a series: the episodes that the catalogue names. */
  readonly episodes: readonly (readonly [season: number, episode: number])[]
}

/** Titles with a free licence that come from another place than the local catalogue. */
export interface FreeFilms {
  /**
   * At most 100, from the `skip`th on. `address`: whose question it is, where that is counted.
   * @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED
   */
  list(skip: number, signal: AbortSignal, address?: string): Promise<readonly CatalogueTitle[]>
  /** At most 100. @throws as `list` */
  search(words: string, signal: AbortSignal, address?: string): Promise<readonly CatalogueTitle[]>
  /** The title of an id that this server gave, as it is remembered; no other server is asked. */
  known(imdbId: string): Promise<CatalogueTitle | undefined>
  /** The same with its description, for which its server is asked. @throws as `list` */
  find(imdbId: string, signal: AbortSignal, address?: string): Promise<CatalogueTitle | undefined>
}

/** Files of the library that no title is known of, under ids of our own. */
export interface UnknownTitles {
  /** Those that stand in no other place; first those whose names say too little for a title. */
  list(type: string): Promise<readonly CatalogueTitle[]>
  find(type: string, imdbId: string): Promise<CatalogueTitle | undefined>
}

/** Licences under which anybody may share a film; any other text is not one. */
const FREE = /^(?:cc0|cc[ -]by|public[ -]domain|pdm)(?![a-z])/i

export const isFreeLicence = (licence: string | undefined): boolean =>
  licence !== undefined && FREE.test(licence.trim())

/**
 * An id of our own that ends with eight digits of a digest: servers without a common index come to the same ids.
 * @param front which ids of our own
 * @param beside so many numbers further on, for what finds the first one taken
 */
export function digestId(front: 'tt97' | 'tt98' | 'tt99', text: string, beside = 0): string {
  const digest = createHash('sha256').update(text).digest().readUInt32BE(0)
  return `${front}${String((digest + beside) % ID_SPACE).padStart(8, '0')}`
}

/** Eight digits. */
const ID_SPACE = 100_000_000

/**
 * Ids of our own for titles that IMDb does not have: `tt99` and eight digits. IMDb's ids have seven
 * or eight digits in all, so none is equal to one of ours
 * (docs/decisions/0015-catalogs-and-their-ids.md).
 */
const OWN_ID = /^tt99\d{8}$/

export const isOwnId = (imdbId: string): boolean => OWN_ID.test(imdbId)

/** Ids of our own for files of the library, which nobody else knows: `tt98` and eight digits. */
const LIBRARY_ID = /^tt98\d{8}$/

export const isLibraryId = (imdbId: string): boolean => LIBRARY_ID.test(imdbId)

/** Ids of our own for torrents that the operator tried by a magnet link: `tt97` and eight digits. */
const TRIED_ID = /^tt97\d{8}$/

export const isTriedId = (imdbId: string): boolean => TRIED_ID.test(imdbId)

/** Nobody else knows the title, or shall hear of it. */
export const isPrivateId = (imdbId: string): boolean => isLibraryId(imdbId) || isTriedId(imdbId)
