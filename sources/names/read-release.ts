import { parseTorrentTitle } from '@viren070/parse-torrent-title'
import { MAX_NAME } from './fold.ts'
import { groupIn } from './group-name.ts'
import { nameTokens } from './name-tokens.ts'
import type { ParsedName } from './parsed-name.ts'

const POOR = /^(?:cam|telesync|telecine|scr|ts|tc|hdcam|workprint)/i
/** What the parser takes for something else, or for nothing: as people know it. */
const MEDIA: readonly (readonly [pattern: RegExp, medium: string])[] = [
  [/(?<![a-z\d])hd[ ._-]cam(?:rip)?(?![a-z\d])/i, 'CAM'],
  [/(?<![a-z\d])web[ ._-]?scr(?:eener)?(?![a-z\d])/i, 'SCR'],
  [/(?<![a-z\d])uhdtv(?:rip)?(?![a-z\d])/i, 'UHDTV'],
  [/(?<![a-z\d])dvd[ ._-]?[59r](?![a-z\d])/i, 'DVD'],
  [/(?<![a-z\d])(?:bd[ ._-]?(?:25|50|66|100)|bdmv)(?![a-z\d])/i, 'BluRay'],
]
/** How high a picture is that is called so. */
const HEIGHTS: readonly (readonly [pattern: RegExp, height: string])[] = [
  [/(?<![a-z\d])uhd(?![a-z\d])/i, '2160p'],
  [/(?<![a-z\d])(?:fhd|full[ ._-]?hd)(?![a-z\d])/i, '1080p'],
]
/** `The Danish Girl` is in Danish no more than `The French Dispatch` is in French; `Jagten.DANISH.2012` is. */
const LANGUAGE_NAME =
  /(?<![A-Za-z])(?:Danish|Norwegian|Swedish|Finnish|Persian|Turkish|Hebrew|Arabic|Hungarian|Czech|Romanian|Bulgarian|Ukrainian|Thai|Vietnamese|Hindi|Tamil|Latin)(?![A-Za-z])/

const DTS_ES = /(?<![a-z\d])dts(?:-?es(?![a-z\d])|[ ._]es(?=[ ._]6[ ._]1(?!\d)))/gi

/** Of the parser. In the worker only: some of its patterns take twice the time for every letter. */
const parseRelease = (name: string) =>
  // The sound `DTS-ES` is no Spanish.
  parseTorrentTitle(name.slice(0, MAX_NAME).replace(DTS_ES, 'DTS'))

/** What a release's name says. */
export function readRelease(name: string): ParsedName {
  const { title, year, quality, resolution, ...found } = parseRelease(name)
  const cut = name.slice(0, MAX_NAME)
  const medium = named(MEDIA, cut) ?? quality
  return {
    title,
    year: year ? Number(year) : undefined,
    tokens: nameTokens(cut),
    resolution: resolution === undefined ? named(HEIGHTS, cut) : height(resolution),
    medium,
    codec: found.codec,
    hdr: hdrOf(cut, found.hdr ?? []),
    audio: found.audio ?? [],
    languages: languagesOf(cut, title, found.languages ?? []),
    group: found.group ?? groupIn(cut),
    poor: POOR.test(medium ?? ''),
  }
}

const named = (table: typeof MEDIA, name: string): string | undefined =>
  table.find(([pattern]) => pattern.test(name))?.[1]

/** `HDR10P` */
const hdrOf = (name: string, found: readonly string[]): readonly string[] =>
  /(?<![a-z\d])hdr10p(?![a-z\d])/i.test(name) && !found.includes('HDR10+')
    ? [...found.filter((one) => one !== 'HDR' && one !== 'HDR10'), 'HDR10+']
    : found

/** Those that are said behind the title. */
function languagesOf(
  name: string,
  title: string | undefined,
  languages: readonly string[],
): readonly string[] {
  // Of a language that opens a title the parser keeps what stands before it: `The` of `The Latin Lover`.
  const year = name.search(/(?<=[ ._(])(?:19|20)\d\d(?!\d)/)
  const head = name.slice(0, Math.max(year, title?.length ?? 0))
  if (languages.length === 0 || !LANGUAGE_NAME.test(head)) return languages
  return parseRelease(`Film ${name.slice(head.length)}`).languages ?? []
}

const height = (resolution: string): string =>
  /^4k$/i.test(resolution) ? '2160p' : /^2k$/i.test(resolution) ? '1440p' : resolution.toLowerCase()
