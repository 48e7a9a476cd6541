import { type ParsedResult, parseTorrentTitle } from '@viren070/parse-torrent-title'

/** Names are foreign: what is longer is cut before any pattern sees it. */
export const MAX_NAME = 255

/**
 * What a release's name says, by the parser of all of them. One of its patterns,
 * `(?:\d{1,2} ?(?:[,/\\&]+ ?)+)+`, doubles its time with every separator of a row: `season 1` and
 * forty `&` would hold this process for good. In a row more than one says nothing.
 */
export const parseName = (name: string): ParsedResult =>
  parseTorrentTitle(name.slice(0, MAX_NAME).replace(/([,/\\&])[,/\\&]+/g, '$1'))
