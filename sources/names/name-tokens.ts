import { folded, inLatin } from './fold.ts'
import { markAt } from './mark-patterns.ts'
import { asideWords, countryOf, sameWord, technicalWords } from './word-classes.ts'

/** Folding can make a text longer; UTF-16 units. */
const MAX_FOLDED = 600
const MAX_TOKENS = 150

const EXTENSION = /\.(?:mkv|mp4|avi|m4v|ts|m2ts|mov|wmv|mpe?g|flv|webm|ogm|divx|vob|rmvb|torrent)$/
/** Put before names by sites: `[ www.site.org ] - `. */
const SITE =
  /^[ [({【]{0,3}(?:\p{Script=Han}{0,8}www[. _][\w-]{1,60}?[. _][a-z]{2,6}(?![a-z\d])[ _\])}】]{0,3}[-–:. ]{0,4}|(?:[a-z\d-]{3,40}\.(?:com|net|org|ph|vc|ws|mx|eu|cc|ag|xyz)|(?:rarbg|ettv|eztv|yts|(?=[a-z-]{0,20}\d)[a-z\d-]{3,40})\.(?:to|tv|mov|st|vip|rocks|lol|site|re|se))(?:[\])}】 ]{1,3}[-–:]{0,2} {0,2}|[ _]?-[ _]?|_))/u
/** `torrent9.ph.Inception.2010`: with a digit in it, as no title is written in front of such letters. */
const DOTTED_SITE =
  /^(?=[a-z]{1,20}\d|\d{1,5}[a-z])[a-z\d]{4,20}\.(?:com|net|org|to|ph|vc|ws|mx|cc|tv)\.(?=[\p{L}\d])/u
/** `PeakyBlindersS02E03` */
const NO_BREAK = /(?<=\p{L}{2})(?=s\d\de\d\d(?!\d))/gu
const OPEN = '[({【《「『'
const CLOSE = '])}】》」』'
/** `×` stands between two words that are one title. */
const WORD = /(?:(?!第[\d一二三四五六七八九十]{1,4}[季期集话話回])[\p{L}\p{N}×])+/uy
const SPAN =
  /((?:18|19|20)\d\d)[ ]?[-–][ ]?((?:19|20)\d\d(?!\d)|(?=[ ]?[)\]]))(?![ ._-]\d\d(?!\d))/uy
const YEAR = /(?:18|19|20)\d\d(?![\p{L}\d])/uy
/** `- 05`, `- 05v2`, `#05`, but not the day of `- 05 Dec 2012`, nor `- 1.5 GB`; `[05]`, `[01-12]`. */
const DASHED =
  /(?:[-–][ ._]{1,3}|#)(\d{1,4})(?:v\d)?(?:[ ._]{0,2}[-–~][ ._]{0,2}(\d{1,4}))?(?=$|[ ._)\]([【])(?! ?(?:19|20)\d\d|[ ._](?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[ ._](?:19|20)\d\d|(?:\.\d{1,3})? ?[kmgt]i?b(?!\p{L}))/uy
/** `- 07.5`, `E07.5`, between two episodes: a recap. Not `- 1.5 GB`, nor `E07.5 Minutes`. */
const HALF =
  /(?:[-–#][ ._]{1,3}|(?:s\d{1,2}[ ._]?)?(?:ep?|episode)[ ._]?)\d{1,3}\.5(?:v\d)?(?![\d.\p{L}]| (?:[kmgt]i?b|(?:second|minute|hour|day|week|month|year)s?)(?!\p{L}))/uy
const BRACKETED =
  /[[(【](\d{1,4})(?:v\d)?(?:[ ._]{0,2}[-–~][ ._]{0,2}(\d{1,4}))?(?:[ ._]{0,2}(?:end|fin|tv|完))?[\])】]/uy
/** Numbers alone that are no episode: heights, and years. */
const NO_EPISODE = /^(?:480|576|720|1080|2160|(?:19|20)\d\d)$/
const PHRASES =
  /(?:(complete|komplett|l?integrale|batch|полныи|(?:(?:la[ ._])?(?:serie|coleccion|collezione)[ ._])?complet[ao]|(?:die[ ._])?komplette[ ._]serie|(?:la[ ._])?serie[ ._]complete|todas[ ._](?:las|as)[ ._]temporadas|all[ ._]seasons|все[ ._]сезоны)|(?:mini|limited)[ ._-]?seri(?:es?|a)|miniseri(?:es?|a)|tv[ ._]series|box[ ._-]?set)(?!\p{L})/uy
const SERIES_WORD =
  /[ ._]{1,2}(?:the[ ._])?(?:(?:bbc|tv)[ ._])?(?:series|collection|saga|box)(?!\p{L}|[ ._-]{0,3}\d{1,2}(?!\d))/uy
const COUNTRY =
  /(?:u\.s(?:\.a)?|u\.k|new[ ._]zealand|south[ ._](?:africa|korea)|united[ ._](?:states|kingdom)|great[ ._]britain)(?![\p{L}\d])/uy
/** Of several words, or with a dot inside. */
const TECHNICAL =
  /(?:web[ ._-]?(?:dl|rip)|blu[ ._-]ray|hd[ ._-]?dvd|[xh][ ._]?26[45]|ddp?\+?[ ._]?[257]\.[01]|(?:aac|ac3|dts|atmos|truehd|flac)[ ._-]?[1257]\.[01]|[257]\.[01](?!\d)|b&w|dual[ ._-]?audio|open[ ._-]matte|black[ ._](?:and|&)[ ._]chrome|bootleg[ ._]cut|roadshow(?=[ ._](?:edition|cut|version))|(?:the[ ._])?more[ ._]fun[ ._]stuff[ ._]version|directors?[ ._]cut|\d{1,3}th[ ._]anniversary|(?:20|25|30|35|40|50)th|\d{3,4}x\d{3,4})(?![\p{L}\d])/uy

/**
 * A name as the matcher reads it: tokens apart by blanks, each with its letters in Latin where they can be,
 * so that a title may hold any of them. The sign in front says what it seems to be:
 * none a word or number, `@` a year or span, `^` a country, `~` technical, `!` beside the episodes,
 * `#letters=value` a mark (mark-patterns.ts; also `all`: complete, `mini`: a series of one season);
 * `[` `]` brackets, `-` a dash or plus, `/` another name of the same, `;` the same by another script.
 */
export function nameTokens(name: string): string {
  const text = folded(name)
    .slice(0, MAX_FOLDED)
    .replace(EXTENSION, '')
    .replace(SITE, '')
    .replace(DOTTED_SITE, '')
    .replace(NO_BREAK, ' ')
  const tokens: string[] = []
  const words = {
    before: undefined as string | undefined,
    foreign: undefined as boolean | undefined,
  }
  for (let at = 0; at < text.length && tokens.length < MAX_TOKENS; ) {
    const found = tokenAt(text, at)
    if (!found) {
      at++
      continue
    }
    at += found.length
    if (found.word !== undefined) pushWord(tokens, words, found.word)
    else {
      tokens.push(found.token)
      if (found.token !== '-') words.foreign = undefined
      words.before = found.token.startsWith('#') ? found.token : words.before
    }
  }
  return withoutTotal(tokens).join(' ')
}

/** `全10集` beside another number is how many there are, not what this is. */
const TOTAL = /^#(?:全\d+[集话話回]|\d+[集话話回]全)=/
const NUMBERED =
  /^#[^=]*=(?:[endp]\d|s[\d,-]+e)|^\d{1,3}$|[\d〇一二三四五六七八九十百][集话話回]|更新|连载/

function withoutTotal(tokens: readonly string[]): readonly string[] {
  const isBeside = tokens.some((token) => !TOTAL.test(token) && NUMBERED.test(token))
  if (!isBeside) return tokens
  return tokens.map((token) =>
    TOTAL.test(token) ? `~${lettersOf(token.split('=')[0] ?? '')}` : token,
  )
}

function pushWord(
  tokens: string[],
  state: { before: string | undefined; foreign: boolean | undefined },
  found: string,
): void {
  const foreign = /[\u0250-\uffff]/.test(found)
  const isNumber = /^\d+$/.test(found)
  if (state.foreign !== undefined && !isNumber && state.foreign !== foreign) tokens.push(';')
  if (!isNumber) state.foreign = foreign
  const word = sameWord(inLatin(found), state.before)
  state.before = word
  tokens.push(`${signOf(word)}${word}`)
}

const signOf = (word: string): string =>
  technicalWords.has(word) ? '~' : asideWords.has(word) ? '!' : countryOf(word) ? '^' : ''

interface Found {
  readonly length: number
  readonly token: string
  readonly word?: string
}

function tokenAt(text: string, at: number): Found | undefined {
  const letter = text[at] ?? ''
  const half = /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? undefined : stick(HALF, text, at)?.[0]
  if (half !== undefined) return { length: half.length, token: `!${lettersOf(half)}` }
  const numbered = bracketed(text, at) ?? dashed(text, at)
  if (numbered) return numbered
  if (OPEN.includes(letter)) return { length: 1, token: '[' }
  if (CLOSE.includes(letter)) return { length: 1, token: ']' }
  if (letter === '/' || letter === '|' || letter === '★') return { length: 1, token: '/' }
  if (/[-–—:]/.test(letter) && /[\s\])]/.test(`${text[at - 1] ?? ''}${text[at + 1] ?? ''}`)) {
    return { length: 1, token: '-' }
  }
  if (letter === '+') return { length: 1, token: '-' }
  if (letter === '&') return { length: 1, token: '&' }
  // Between Chinese words there is nothing: `进击的巨人第三季`.
  const isWordStart = letter === '第' || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')
  return isWordStart ? startOfWord(text, at) : wordAt(text, at)
}

function startOfWord(text: string, at: number): Found | undefined {
  const mark = complete(text, at) ?? markToken(text, at)
  if (mark) return mark
  const technical = stick(TECHNICAL, text, at)
  if (technical) return { length: technical[0].length, token: `~${lettersOf(technical[0])}` }
  const country = stick(COUNTRY, text, at)?.[0]
  if (country !== undefined) return { length: country.length, token: `^${lettersOf(country)}` }
  const span = stick(SPAN, text, at)
  if (span) {
    const [whole, first, last] = span
    return { length: whole.length, token: `@${first}-${last ?? ''}` }
  }
  const year = stick(YEAR, text, at)
  if (year && Number(year[0]) < 2040) return { length: 4, token: `@${year[0]}` }
  return wordAt(text, at)
}

function markToken(text: string, at: number): Found | undefined {
  const mark = markAt(text, at)
  if (!mark) return undefined
  const written = lettersOf(text.slice(at, at + mark.length))
  // Titles have parts too, and write their numbers in other ways.
  const part = /^p\d+$/.test(mark.value) ? /^(?:parte?|teil|chast)/.exec(written)?.[0] : undefined
  const letters =
    part || mark.value.startsWith('p') ? `${part ?? 'part'}${mark.value.slice(1)}` : written
  return { length: mark.length, token: `#${letters}=${mark.value}` }
}

/** `Complete` alone, `Complete Series`, `Mini-Series`; not `Complete Season 2`, whose number follows. */
function complete(text: string, at: number): Found | undefined {
  const found = stick(PHRASES, text, at)
  if (!found) return undefined
  const more = found[1] ? (stick(SERIES_WORD, text, at + found[0].length)?.[0] ?? '') : ''
  const isMini = /mini|limited/.test(found[0])
  const letters = lettersOf(found[0] + more)
  return {
    length: found[0].length + more.length,
    token: `#${letters}=${isMini ? 'mini' : /^(?:tv|box)/.test(found[0]) ? 'tv' : 'all'}`,
  }
}

function bracketed(text: string, at: number): Found | undefined {
  const found = stick(BRACKETED, text, at)
  const [whole = '', first = '', last] = found ?? []
  if (!found || (last === undefined && NO_EPISODE.test(first)) || NO_EPISODE.test(last ?? '')) {
    return undefined
  }
  return numbered(whole, first, last)
}

function dashed(text: string, at: number): Found | undefined {
  if (text[at] !== '#' && !/[\s._\])]/.test(text[at - 1] ?? '')) return undefined
  const found = stick(DASHED, text, at)
  const [whole = '', first = '', last] = found ?? []
  if (!found || NO_EPISODE.test(first)) return undefined
  return numbered(whole, first, last)
}

function numbered(whole: string, first: string, last: string | undefined): Found {
  const value = last === undefined ? `${Number(first)}` : `${Number(first)}-${Number(last)}`
  return { length: whole.length, token: `#${lettersOf(whole)}=n${value}` }
}

function wordAt(text: string, at: number): Found | undefined {
  const word = stick(WORD, text, at)?.[0]
  if (word === undefined) return undefined
  if (word === 'aka') return { length: 3, token: '/aka' }
  return { length: word.length, token: '', word }
}

/** Letters and digits alone, in Latin. */
const lettersOf = (text: string): string => inLatin(text).replace(/[^\p{L}\p{N}]/gu, '')

function stick(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
