import { parseTorrentTitle } from '@viren070/parse-torrent-title'
import { groupIn } from './group-name.ts'
import { MAX_NAME } from './name-limits.ts'
import { nameTokens } from './name-tokens.ts'
import type { ParsedName } from './parsed-name.ts'

const POOR = /^(?:cam|telesync|telecine|scr|ts|tc|hdcam)/i

/** Of the parser. In the worker only: some of its patterns take twice the time for every letter. */
const parseRelease = (name: string) => parseTorrentTitle(name.slice(0, MAX_NAME))

/** What a release's name says. */
export function readRelease(name: string): ParsedName {
  const { title, year, quality, resolution, ...found } = parseRelease(name)
  return {
    title,
    year: year ? Number(year) : undefined,
    tokens: nameTokens(name.slice(0, MAX_NAME)),
    resolution: resolution === undefined ? undefined : height(resolution),
    medium: quality,
    codec: found.codec,
    hdr: found.hdr ?? [],
    audio: found.audio ?? [],
    languages: found.languages ?? [],
    group: found.group ?? groupIn(name.slice(0, MAX_NAME)),
    poor: POOR.test(quality ?? ''),
  }
}

const height = (resolution: string): string =>
  /^4k$/i.test(resolution) ? '2160p' : /^2k$/i.test(resolution) ? '1440p' : resolution.toLowerCase()
