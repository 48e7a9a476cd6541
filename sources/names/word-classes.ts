/** What says how a release was made, or in which language: between title and year it says nothing of the title. */
const TECHNICAL = `
2160p 1440p 1080p 1080i 720p 576p 576i 540p 480p 480i 360p 240p 4k 8k uhd hd fhd qhd sd hq
web webdl webrip webmux webhd webdlrip bluray bdrip brrip bdremux bdmv bd dvd dvdrip dvdscr dvd5 dvd9 dvdr
hddvd hdtv hdtvrip hdrip pdtv dsr dsrip tvrip satrip dvb vhsrip vhs ldrip remux ppv ppvrip cam hdcam camrip
hdts telesync telecine hdtc scr screener workprint
x264 x265 h264 h265 hevc avc av1 xvid divx vp9 mpeg2 10bit 8bit hi10p hi10 avc hdr hdr10 hdr10plus dv dovi sdr hlg
aac ac3 eac3 dd dd5 ddp ddp5 ddp2 dts dtshd truehd atmos flac mp3 opus ma aac2
multi dual dubbed dublado dub subbed sub subs esub esubs vostfr vost vff vfq vfi vf truefrench subfrench legendado
german french english eng ita italian spanish castellano latino espanol portuguese ptbr nacional russian rus hindi
tamil telugu malayalam kannada bengali korean japanese jpn chinese mandarin cantonese polish danish norwegian swedish
nordic finnish dutch flemish turkish arabic hebrew czech hungarian romanian greek thai vietnamese ukrainian ger deu dl ml pl cz hu fr
proper repack real rerip internal limited unrated uncut uncensored extended remastered restored remaster directors
director cut final theatrical collectors collector edition special ultimate anniversary criterion imax hybrid
despecialized redux dc se open matte 3d hsbs hou sbs hou ou halfsbs bw colorized retail
amzn nf dsnp hmax max atvp hulu pcok cr ma itunes stan mp4 mkv avi nfofix dirfix readnfo ws fs hc hardsub
`
const COUNTRIES: Readonly<Record<string, string>> = {
  ...{ us: 'us', usa: 'us', america: 'us', uk: 'gb', gb: 'gb', au: 'au', aus: 'au' },
  ...{ australia: 'au', nz: 'nz', ca: 'ca', canada: 'ca', ie: 'ie', ireland: 'ie', za: 'za' },
  ...{ india: 'in', italia: 'it', italy: 'it', france: 'fr', brasil: 'br', brazil: 'br' },
  ...{ deutschland: 'de', germany: 'de', korea: 'kr', espana: 'es', spain: 'es', mexico: 'mx' },
  ...{ japan: 'jp', china: 'cn', russia: 'ru', turkey: 'tr', turkiye: 'tr', sweden: 'se' },
  ...{ newzealand: 'nz', southafrica: 'za', southkorea: 'kr', unitedstates: 'us' },
  ...{ unitedkingdom: 'gb', greatbritain: 'gb', greece: 'gr', portugal: 'pt', finland: 'fi' },
  ...{ israel: 'il', singapore: 'sg', thailand: 'th', argentina: 'ar', philippines: 'ph' },
  ...{ indonesia: 'id', malaysia: 'my', vietnam: 'vn', colombia: 'co', chile: 'cl', peru: 'pe' },
  ...{ austria: 'at', switzerland: 'ch', iceland: 'is', hungary: 'hu', romania: 'ro' },
  ...{ bulgaria: 'bg', croatia: 'hr', serbia: 'rs', ukraine: 'ua', polska: 'pl', sverige: 'se' },
  ...{ norge: 'no', danmark: 'dk', nederland: 'nl' },
  ...{ norway: 'no', denmark: 'dk', netherlands: 'nl', belgium: 'be', poland: 'pl' },
}
/** Beside the episodes, or no film at all. */
const ASIDES = `
ova oad ona ncop nced creditless nc recap preview omake specials
ost soundtrack epub pdf audiobook cbr cbz xxx parody bootleg
`
const setOf = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/))

export const technicalWords = setOf(TECHNICAL)
export const asideWords = setOf(ASIDES)
/** ISO 3166-1 alpha-2 of a word that says which country's version of a series it is. */
export const countryOf = (word: string): string | undefined =>
  Object.hasOwn(COUNTRIES, word) ? COUNTRIES[word] : undefined

/** All words of the country that a word says. */
export const sameCountry = (word: string): readonly string[] => {
  const code = countryOf(word)
  return code === undefined ? [] : Object.keys(COUNTRIES).filter((one) => COUNTRIES[one] === code)
}

const COUNTRY_LETTERS = setOf(`
ar at be bg br cl co cz de dk es fi fr gr hr hu il in it jp kr mx nl no pl pt ro rs ru se tr ua
`)
/** Of a country; the letters are a language too, or a word. */
export const isCountryLetters = (word: string): boolean => COUNTRY_LETTERS.has(word)

/** `Part II`, `Part Two` and `Part 2`; `Rocky II` and `Rocky 2`. One alone is a letter or a word as well. */
const ROMAN = ['', '', 'ii', 'iii', 'iv', '', 'vi', 'vii', 'viii', 'ix', '', 'xi', 'xii', 'xiii']
const NUMBERS = ' one two three four five six seven eight nine ten eleven twelve thirteen'.split(
  ' ',
)
const PARTS: ReadonlySet<string> = new Set(
  'part pt parte teil vol volume chapter episode kapitel'.split(' '),
)

/** `Eleven` as `11`, and the other way round; any other word stays. */
export function inDigits(word: string): string {
  const number = NUMBERS.indexOf(word)
  return number > 0 ? String(number) : word
}
export const inWords = (word: string): string =>
  /^[1-9]\d?$/.test(word) ? (NUMBERS[Number(word)] ?? word) : word

/** Whether a number behind it says which part of a title is meant. */
export const isPartWord = (word: string): boolean => PARTS.has(word)

/**
 * Words of a title as they are compared: one way to write numbers of parts, `vol` for `volume`, `v` for `versus`.
 * @param before the word in front, undefined at the beginning
 */
export function sameWord(word: string, before: string | undefined): string {
  if (word === 'volume') return 'vol'
  if (before !== undefined && (word === 'vs' || word === 'versus')) return 'v'
  if (word === 'pt') return 'part'
  const roman = ROMAN.indexOf(word)
  if (roman > 1 && before !== undefined) return String(roman)
  if (before === undefined || !PARTS.has(before)) return word
  if (word === 'i') return '1'
  if (word === 'v' || word === 'x') return word === 'v' ? '5' : '10'
  return inDigits(word)
}

/** Chinese and Japanese numbers up to 99, or digits. */
const HAN_DIGITS = '一二三四五六七八九'
export const HAN = `\\d{1,4}|[${HAN_DIGITS}]?十?[${HAN_DIGITS}]|[${HAN_DIGITS}]?十`

/** In digits: `十` is 10, `二十二` is 22. */
export function hanNumber(text = ''): string {
  if (/^\d/.test(text)) return text
  const [ones = '', tens] = text.split('十').reverse()
  const digit = (one: string): number => ` ${HAN_DIGITS}`.indexOf(one)
  return `${10 * (tens === undefined ? 0 : digit(tens) || 1) + digit(ones)}`
}

/** Words of marks, as text within the patterns of mark-patterns.ts. */
export const MARK_WORDS = {
  SEASON:
    '(?:seasons?|saisons?|staffeln?|temporadas?|stagion[ei]|sezon(?:[iya]|ul)?|сезон[ыа]?|seizoen|sasong|s(?:ae|æ)son|sesong|kausi|evad|עונה|الموسم|series)',
  EPISODE:
    '(?:episod(?:es?|i?os?|ul)|eps?|folgen?|avsnitt|afsnit|aflevering|odcinek|odc|capitulos?|caps?|puntat[ae]|jakso|epizod[ay]?|dil|сери[яи]|эпизод|выпуск|серия|серії)',
  AFTER_NUMBER: '(?:bolum(?:ler)?|сери[яиі][ий]?|resz|epizoda|jakso|folge)',
  ORDINALS: 'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' '),
  WORDS: NUMBERS.slice(1, 11),
  MONTHS: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
} as const
