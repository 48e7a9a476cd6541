/**
 * Languages as names of subtitle files say them: ISO 639-2/B (what Stremio and OpenSubtitles use),
 * then every other way to write it, as long as it means nothing else in a file's name.
 */
const TABLE = `
eng en english | spa es esp spanish castellano español | fre fr fra french français vf
ger de deu german deutsch | ita it italian italiano | por pt portuguese português
pob pt-br ptbr br brazilian | dut nl nld dutch nederlands | pol pl polish polski
rus ru russian русский | ukr uk ukrainian | cze cs ces czech čeština | slo sk slk slovak
hun hu hungarian magyar | rum ro ron romanian română | bul bg bulgarian | scr hr hrv croatian
scc sr srp serbian | slv sl slovenian slovene | mac mk mkd macedonian | bos bs bosnian
gre el ell greek | tur tr turkish türkçe | ara ar arabic | heb he iw hebrew | per fa fas persian farsi
hin hindi | urd ur urdu | ben bn bengali | tam ta tamil | tel te telugu | mal ml malayalam
kan kn kannada | mar mr marathi | tha th thai | vie vi vietnamese | ind id indonesian
may ms msa malay | fil tl filipino tagalog | jpn ja jp japanese | kor ko kr korean
chi zh zho chs cht chinese mandarin zh-cn zh-tw zh-hans zh-hant | dan da danish dansk
swe sv swedish svenska | nor no nb nob norwegian norsk | fin fi finnish suomi
ice is isl icelandic | est et estonian | lav lv latvian | lit lt lithuanian | alb sq sqi albanian
cat ca catalan català | baq eu eus basque euskara | glg gl galician galego | wel cy cym welsh
gle ga irish | geo ka kat georgian | arm hy hye armenian | aze az azerbaijani | kaz kk kazakh
mon mn mongolian | lat la latin | afr af afrikaans | swa sw swahili | epo eo esperanto`

const CODES: ReadonlyMap<string, string> = new Map(
  TABLE.split(/[|\n]/).flatMap((row) => {
    const [code = '', ...others] = row.trim().split(' ')
    return [code, ...others].filter(Boolean).map((word) => [word, code] as const)
  }),
)
const LATIN_AMERICAN = /^(?:es-(?:419|la|mx|ar)|latino|lat-?am)$/
/**
 * What kind of track it is, not in what language. `hi` is for the hard of hearing, seldom Hindi.
 */
const FLAGS = new Set(['forced', 'sdh', 'cc', 'hi', 'full', 'default', 'foreign', 'track', 'sub'])

const UNKNOWN_LANGUAGE = 'und'

/**
 * Reads the language out of the name of a subtitle file; `video` is its film's name without
 * extension. `Film.2010.en.srt`, `Film.pt-BR.forced.srt`, `Subs/Film/2_English.srt`,
 * `English/01.ass`. Only at the end of the name, for `It.2017.srt` is not in Italian.
 */
export function subtitleLanguage(path: string, video = ''): string {
  const segments = path.toLowerCase().split('/')
  const stem = (segments.pop() ?? '').replace(/\.[a-z0-9]{2,4}$/, '')
  const begins = video !== '' && stem.startsWith(video.toLowerCase())
  const rest = begins ? stem.slice(video.length) : stem
  const words = rest.split(/[^\p{L}\p{N}-]+/u).filter(Boolean)
  const named = lastNamed(words, begins || words.length <= 2)
  // A folder `English`, but not one that is the film's own name.
  return named ?? whole(segments.at(-1) ?? '') ?? UNKNOWN_LANGUAGE
}

/**
 * The last language among the words, flags and numbers skipped; `short`: two-letter codes count
 * too.
 */
function lastNamed(words: readonly string[], short: boolean): string | undefined {
  for (const word of words.toReversed().slice(0, 4)) {
    const code = whole(word)
    if (code && (short || word.length > 2 || word === words.at(-1))) return code
    if (!code && !FLAGS.has(word) && !/^\d+$/.test(word)) return undefined
  }
  return words.includes('hi') && words.length === 1 ? 'hin' : undefined
}

/** ISO 639-2/B of a language as files of films name it: ISO 639 or BCP 47. `und` where that says nothing. */
export const subtitleCode = (language: string): string =>
  whole(language.toLowerCase()) ?? UNKNOWN_LANGUAGE

function whole(word: string): string | undefined {
  if (LATIN_AMERICAN.test(word)) return 'spa'
  return CODES.get(word) ?? CODES.get(word.split('-')[0] ?? '')
}
