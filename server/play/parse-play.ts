import type { Request } from 'express'
import { Fault } from '../../common/errors.ts'
import { parseSmallNumber, parseTitle, type Title } from '../../common/title.ts'

/** `/play/movie/tt1254207/0`, `/play/series/tt0903747/2/1/5` (number, season, episode). */
export const PLAY_PATTERN = '/play/:type/:imdbId/:fileIdx{/:season}{/:episode}'

const SOURCE_KEY = /^[a-z2-7]{10}$/i

/** Path parameters are one string each here: the pattern has no wildcard. */
function parameter(req: Request, name: string): string | undefined {
  const value = req.params[name]
  return typeof value === 'string' ? value : undefined
}

function parseSourceKey(req: Request): string | undefined {
  // Most ranges of a player come without; parsing a query for them would be wasted.
  if (!req.url.includes('?')) return undefined
  const value: unknown = req.query.s
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !SOURCE_KEY.test(value)) throw new Fault('BAD_SOURCE_KEY')
  return value.toLowerCase()
}

/** The one word in place of a number: the server chooses. */
export const asksForAuto = (req: Request): boolean => parameter(req, 'fileIdx') === 'auto'

/** @throws Fault BAD_TYPE, BAD_IMDB_ID, BAD_SEASON, BAD_EPISODE */
export const parsePlayTitle = (req: Request): Title =>
  parseTitle(
    parameter(req, 'type') ?? '',
    parameter(req, 'imdbId') ?? '',
    parameter(req, 'season'),
    parameter(req, 'episode'),
  )

/**
 * What a request to PLAY_PATTERN asks for.
 * @throws Fault BAD_TYPE, BAD_IMDB_ID, BAD_FILE_INDEX, BAD_SEASON, BAD_EPISODE, BAD_SOURCE_KEY
 */
export function parsePlay(req: Request): {
  title: Title
  number: number
  sourceKey: string | undefined
} {
  const title = parsePlayTitle(req)
  const number = parseSmallNumber(parameter(req, 'fileIdx') ?? '')
  if (number === undefined) throw new Fault('BAD_FILE_INDEX')
  return { title, number, sourceKey: parseSourceKey(req) }
}
