/**
 * Every error that a client can get: its code, HTTP status, and a sentence that says what to do.
 * A test checks that docs/errors.md has the same table.
 */
export const faults = {
  BAD_TYPE: [400, 'The type must be exactly "movie" or "series".'],
  BAD_IMDB_ID: [400, 'The id must be an IMDb id: "tt" and 7 to 10 digits.'],
  BAD_FILE_INDEX: [400, 'The source number must be a whole number from 0 to 9999.'],
  BAD_SEASON: [400, 'A series needs /season/episode as whole numbers; a movie takes neither.'],
  BAD_EPISODE: [400, 'The episode must be a whole number from 0 to 9999, after the season.'],
  BAD_SOURCE_KEY: [400, 'The parameter "s" must be 10 characters of base32, as listed.'],
  BAD_HOST: [400, 'There must be exactly one Host header, and it must be a host name.'],
  BAD_REQUEST: [400, 'The request could not be read.'],
  BAD_BODY: [
    400,
    'The body must be a JSON object: "forceCleanup" true or false, or "remove" a list of contents.',
  ],
  NODE_SIGNATURE: [
    401,
    'This request says that another node of the cluster sends it, and its signature does not fit.',
  ],
  NODE_CLOCK: [401, 'The clocks of two nodes are more than 30 seconds apart.'],
  UNAUTHORIZED: [401, 'Send the header "Authorization: Bearer <ADMIN_TOKEN>".'],
  FORBIDDEN_ORIGIN: [403, 'This request may only come from this server’s own pages.'],
  MANAGEMENT_CLOSED: [403, 'In production the management API is closed until ADMIN_TOKEN is set.'],
  NOT_LOCAL: [403, 'Without ADMIN_TOKEN the management API answers this machine only.'],
  TOKEN_MISSING: [
    403,
    'This server is for viewers with a token: its addresses begin with /t/<token>/.',
  ],
  TOKEN_UNKNOWN: [
    403,
    'The token in this address is unknown or was revoked; ask who gave it to you.',
  ],
  TOKEN_BYTES: [403, 'The bytes of this token are used up; they begin anew next month.'],
  STOPPED: [403, 'The operator of this server has stopped this play; try again in a minute.'],
  NOT_FOUND: [404, 'There is nothing at this address.'],
  UNKNOWN_TITLE: [404, 'No source is known for this title.'],
  UNKNOWN_SOURCE: [404, 'This title has no source with that number.'],
  SOURCE_GONE: [404, 'This source is no longer offered; open the list again.'],
  NO_WANTED_FILE: [404, 'The torrent has no playable file for this title.'],
  FILE_MISSING: [404, 'The file of this source is not there.'],
  METHOD_NOT_ALLOWED: [405, 'Only the methods in the Allow header work here.'],
  BODY_TOO_LARGE: [413, 'The body may have at most 4 KiB, for downloads 12 KiB.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Send the body as application/json.'],
  RANGE_NOT_SATISFIABLE: [416, 'The range lies outside the file.'],
  EXPECTATION_FAILED: [417, 'The header "Expect" may only say 100-continue.'],
  MEDIA_UNREADABLE: [
    422,
    'What is in this file could not be made ready for a browser; open it in another player.',
  ],
  TOKEN_STREAMS: [429, 'This token plays as many films as it may at once; stop another one first.'],
  TOO_MANY_REQUESTS: [429, 'Too many requests come from your address; try again shortly.'],
  ANOTHER_NODE: [421, 'Another node has this file by now; ask again.'],
  HEADERS_TOO_LARGE: [431, 'The request’s headers are too large.'],
  INTERNAL: [500, 'Something went wrong here; the log has the request id.'],
  NO_CONVERTER: [
    501,
    'The sound of this film has to be converted for a browser, and this server has no ffmpeg.',
  ],
  HOSTILE_TORRENT: [502, 'The torrent breaks the limits of this server and was refused.'],
  BAD_TORRENT: [502, 'The .torrent file of this source could not be read.'],
  UNSUPPORTED_TORRENT: [
    502,
    'This torrent is of a version of BitTorrent that this server does not play. Choose another source.',
  ],
  BAD_REDIRECT: [502, 'The address of this source cannot be handed out.'],
  ENGINE_DIED: [502, 'The download ended unexpectedly; try again, or another source.'],
  OUTBOUND_REFUSED: [502, 'The address of this source is not a public one.'],
  UPSTREAM_FAILED: [502, 'Another server that this source needs did not answer well.'],
  PROVIDERS_FAILED: [503, 'No provider of sources answered; try again in a minute.'],
  TOO_MANY_LISTENERS: [503, 'Too many pages watch this server already; try again shortly.'],
  TOO_MANY_ARRIVALS: [503, 'Too many downloads or relays run already; try again shortly.'],
  TOO_MANY_CONVERSIONS: [
    503,
    'This server makes as many films ready for browsers as it can; try again shortly.',
  ],
  TOO_MANY_OPEN: [
    503,
    'This server has as many files and connections open as it may; try again shortly.',
  ],
  TORRENT_NETWORK_AWAY: [
    503,
    'The network that torrents are fetched by is away; try again when it is back.',
  ],
  DRAINING: [503, 'This server is shutting down.'],
  NO_PEERS: [504, 'Nobody with this torrent was found in time; try another source.'],
  NO_FIRST_BYTE: [504, 'No byte arrived in time; try again, or another source.'],
  STALLED: [504, 'No byte arrived for 30 seconds.'],
  DOES_NOT_FIT: [507, 'There is no room for this file within the cache’s limits.'],
} as const satisfies Record<string, readonly [number, string]>

export type FaultCode = keyof typeof faults

/** Undefined for a text that is none of our codes. */
export const faultCode = (text: unknown): FaultCode | undefined =>
  typeof text === 'string' && Object.hasOwn(faults, text) ? (text as FaultCode) : undefined

/** What a client may learn beside the code: never a path, an address or text of another server. */
export interface FaultDetails {
  readonly available?: number
  readonly retryAfterSeconds?: number
  readonly allow?: string
  /** A more exact sentence than the table's. */
  readonly message?: string
}

/**
 * The one error class that the folders pass to each other; clients get any other error as INTERNAL.
 */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly status: number
  readonly details: FaultDetails

  constructor(code: FaultCode, details: FaultDetails = {}, options?: ErrorOptions) {
    super(details.message ?? faults[code][1], options)
    this.code = code
    this.status = faults[code][0]
    this.details = details
  }
}

/**
 * The code of a system error, such as `ENOENT`; undefined for any other error. `instanceof Error` would
 * not do: in a vm context, as test runners use them, Node's errors are of another realm's class.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

const oneOf =
  (...codes: readonly string[]) =>
  (error: unknown): boolean =>
    codes.includes(errorCode(error) ?? '')

/** The volume or the user's quota is full, or the file is too large for the file system. */
export const isFull = oneOf('ENOSPC', 'EDQUOT', 'EFBIG')

/** What is there may be read, but nothing can be written. */
export const isNotWritable = oneOf('EROFS', 'EACCES', 'EPERM')

/** The process, or the whole system, has as many files and sockets open as it may: it passes by itself. */
export const isTooManyOpen = oneOf('EMFILE', 'ENFILE')

/**
 * Makes a Fault of anything thrown: TOO_MANY_OPEN where the system has no descriptor left, else `code`. The
 * original is its cause: it is logged, and never sent.
 */
export function asFault(thrown: unknown, code: FaultCode = 'INTERNAL'): Fault {
  if (thrown instanceof Fault) return thrown
  return new Fault(isTooManyOpen(thrown) ? 'TOO_MANY_OPEN' : code, {}, { cause: thrown })
}
