/** What is said of a track of sound or subtitles, in a file or beside it. */
export interface TrackLabel {
  /** ISO 639 or BCP 47; `und` where nobody said. */
  readonly language: string
  /** As its maker names it; foreign text, may be empty. */
  readonly title: string
}

/** Quotes, line ends and control characters have no place in a quoted string (RFC 8216 4.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const NOT_QUOTED = /["\0-\x1f\x7f]/g
const MOST_NAME = 80

/** Codes that sites of subtitles made up, and Intl does not know. */
const MADE_UP: Readonly<Record<string, string>> = { pob: 'pt-BR' }

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })

/** The shortest tag (BCP 47) of a language, as browsers have it: `fre` is `fr`. Undefined where the code says nothing. */
export function languageTag(code: string): string | undefined {
  if (code === 'und' || !/^[a-z]{2,3}(?:-[A-Za-z0-9-]{1,20})?$/.test(code)) return undefined
  try {
    return Intl.getCanonicalLocales(MADE_UP[code] ?? code)[0]
  } catch {
    return undefined
  }
}

/** English, for menus; undefined where the code says nothing. */
function languageName(code: string): string | undefined {
  const tag = languageTag(code)
  return tag === undefined ? undefined : languages.of(tag)
}

/** What a menu says of each track, each once. */
export function trackNames(tracks: readonly TrackLabel[]): readonly string[] {
  const seen = new Set<string>()
  return tracks.map(({ language, title }, n) => {
    const words = [languageName(language), title.replace(NOT_QUOTED, ' ').trim()]
    const plain = words.filter(Boolean).join(', ').slice(0, MOST_NAME) || `Track ${n + 1}`
    const name = seen.has(plain) ? `${plain} (${n + 1})` : plain
    seen.add(name)
    return name
  })
}
