import { type ParsedResult, parseTorrentTitle } from '@viren070/parse-torrent-title'

/** Longer names are cut before any pattern sees them. */
export const MAX_NAME = 255

/**
 * What a release's name says. One pattern of the parser, `(?:\d{1,2} ?(?:[,/\\&]+ ?)+)+`, takes
 * twice the time for every further separator in a row: `season 1` and forty `&` would block this
 * process for good. So a run of separators is collapsed to its first.
 */
export const parseName = (name: string): ParsedResult =>
  parseTorrentTitle(name.slice(0, MAX_NAME).replace(/([,/\\&])[,/\\&]+/g, '$1'))
