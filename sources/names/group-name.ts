import { technicalWords } from './word-classes.ts'

/** `-FGT`, `-[YTS.LT]`, `[YTS.MX]`, ` YIFY` at the end; `【喵萌奶茶】` in front. Each of a bounded length. */
const ENDS = [
  /\S-([a-z\d]{2,20})(?:\[[^[\]]{1,20}\])?$/i,
  /\[([a-z\d.]{2,20})\]$/i,
  /[ .](yify|yts|rarbg|tigole|qxr|galaxyrg|evo|megusta)$/i,
  /^【([^【】]{1,40})】/u,
] as const
const EXTENSION = /\.(?:mkv|mp4|avi|m4v|ts)$/i
/** Without one of them a word at the end is the title's. */
const MADE = /\d{3,4}p|[xh][ .]?26[45]|xvid|web|blu-?ray|hdtv|dvd|rip(?![a-z])|【/i
/** No group: numbers, checksums, sites of indexers. */
const NO_GROUP = /^(?:[\d.]+|[\da-f]{8}|\d{3,4}[pi]|eztv.*|rartv|tgx|rarbg|\w*rip)$/i

/** The group of a release where the parser finds none. */
export function groupIn(name: string): string | undefined {
  const stem = name.replace(EXTENSION, '')
  if (!MADE.test(stem)) return undefined
  for (const pattern of ENDS) {
    const found = pattern.exec(stem)?.[1]
    if (found && !NO_GROUP.test(found) && !technicalWords.has(found.toLowerCase())) return found
  }
  return undefined
}
