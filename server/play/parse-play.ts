import { parse as parseQuery } from 'node:querystring'
import type { Request } from 'express'
import { Fault } from '../../common/errors.ts'
import { parseSmallNumber, parseTitle, type Title, titleId } from '../../common/title.ts'
import { pathOf } from '../http/request-checks.ts'

/** `/play/movie/tt1254207/0`, `/play/series/tt0903747/2/1/5` (number, season, episode). */
export const PLAY_PATTERN = '/play/:type/:imdbId/:fileIdx{/:season}{/:episode}'

/** The same as a regular expression. */
const PLAY_PATH = /^\/play\/([^/]+)\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/

const SOURCE_KEY = /^[a-z2-7]{10}$/i

/** What stands in an address of a play, decoded; nothing of it is checked yet. */
export interface PlayAddress {
  readonly type: string
  readonly imdbId: string
  readonly fileIdx: string
  readonly season: string | undefined
  readonly episode: string | undefined
  /** Behind the question mark. */
  readonly query: string
}

const queryOf = (target: string): string => {
  const at = target.indexOf('?')
  return at < 0 ? '' : target.slice(at + 1)
}

/** What the request checks let through can be decoded. */
const decoded = (text: string): string => (text.includes('%') ? decodeURIComponent(text) : text)

/** Of a request target that PLAY_PATTERN matches; undefined for any other. */
export function matchPlay(target: string): PlayAddress | undefined {
  // Most other addresses are told by this alone.
  if (!target.includes('/play/')) return undefined
  const match = PLAY_PATH.exec(pathOf(target))
  if (!match) return undefined
  const [, type = '', imdbId = '', fileIdx = '', season, episode] = match
  return {
    type: decoded(type),
    imdbId: decoded(imdbId),
    fileIdx: decoded(fileIdx),
    season: season && decoded(season),
    episode: episode && decoded(episode),
    query: queryOf(target),
  }
}

/** Path parameters are one string each here: the patterns have no wildcard. */
function parameter(req: Request, name: string): string | undefined {
  const value = req.params[name]
  return typeof value === 'string' ? value : undefined
}

/** Of a request that Express has matched with the parameters of PLAY_PATTERN. */
export const playAddressOf = (req: Request): PlayAddress => ({
  type: parameter(req, 'type') ?? '',
  imdbId: parameter(req, 'imdbId') ?? '',
  fileIdx: parameter(req, 'fileIdx') ?? '',
  season: parameter(req, 'season'),
  episode: parameter(req, 'episode'),
  query: queryOf(req.url),
})

function parseSourceKey(query: string): string | undefined {
  // Most ranges of a player come without; parsing a query for them would be wasted.
  if (query === '') return undefined
  const value = parseQuery(query).s
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !SOURCE_KEY.test(value)) throw new Fault('BAD_SOURCE_KEY')
  return value.toLowerCase()
}

/** The one word in place of a number: the server chooses. */
export const asksForAuto = ({ fileIdx }: PlayAddress): boolean => fileIdx === 'auto'

/** @throws Fault BAD_TYPE, BAD_IMDB_ID, BAD_SEASON, BAD_EPISODE */
export const parsePlayTitle = ({ type, imdbId, season, episode }: PlayAddress): Title =>
  parseTitle(type, imdbId, season, episode)

/**
 * What an address of a play asks for.
 * @throws Fault BAD_TYPE, BAD_IMDB_ID, BAD_FILE_INDEX, BAD_SEASON, BAD_EPISODE, BAD_SOURCE_KEY
 */
export function parsePlay(address: PlayAddress): {
  title: Title
  number: number
  sourceKey: string | undefined
} {
  const title = parsePlayTitle(address)
  const number = parseSmallNumber(address.fileIdx)
  if (number === undefined) throw new Fault('BAD_FILE_INDEX')
  return { title, number, sourceKey: parseSourceKey(address.query) }
}

/** The source of a title that is played: the key wins over the number (docs/decisions/0002). */
export const streamOf = ({ title, number, sourceKey }: ReturnType<typeof parsePlay>): string =>
  `${titleId(title)} ${sourceKey ?? number}`
