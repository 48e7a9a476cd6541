/** A title as a catalog names it. */
export interface CatalogueTitle {
  readonly type: 'movie' | 'series'
  readonly imdbId: string
  readonly name: string
  readonly year: number | undefined
  readonly licence: string | undefined
  /** Plain text; may be empty. */
  readonly description: string
  /** A series' episodes that are named one by one. */
  readonly episodes: readonly (readonly [season: number, episode: number])[]
}

/** Titles that come with a licence to watch and share them, from elsewhere than the local catalogue. */
export interface FreeFilms {
  /**
   * At most 100, from the `skip`th on.
   * @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED
   */
  list(skip: number, signal: AbortSignal): Promise<readonly CatalogueTitle[]>
  /** At most 100. @throws as `list` */
  search(words: string, signal: AbortSignal): Promise<readonly CatalogueTitle[]>
  /** What is remembered of an id that this server gave; nobody is asked. */
  known(imdbId: string): Promise<CatalogueTitle | undefined>
  /** The same with what its own server tells of it. @throws as `list` */
  find(imdbId: string, signal: AbortSignal): Promise<CatalogueTitle | undefined>
}

/** Licences under which anybody may share a film; what is not known to be one is not. */
const FREE = /^(?:cc0|cc[ -]by|public[ -]domain|pdm)(?![a-z])/i

export const isFreeLicence = (licence: string | undefined): boolean =>
  licence !== undefined && FREE.test(licence.trim())

/**
 * Ids of our own for titles that IMDb does not have: `tt99` and eight digits. IMDb's have seven or
 * eight in all, so none is ever one of ours (docs/decisions/0015-catalogs-and-their-ids.md).
 */
const OWN_ID = /^tt99\d{8}$/

export const isOwnId = (imdbId: string): boolean => OWN_ID.test(imdbId)
