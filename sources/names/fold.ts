/** Letters that NFKD leaves whole, as people write them without the sign on their keyboard. */
const LATIN: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ħ: 'h' },
  ...{ ə: 'e', ŋ: 'n', '×': 'x' },
}
/** After NFKD: `й` is `и` and a breve, `ё` is `е` and a diaeresis. */
const CYRILLIC: Readonly<Record<string, string>> = {
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ж: 'zh', з: 'z', и: 'i', к: 'k', л: 'l' },
  ...{ м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts' },
  ...{ ч: 'ch', ш: 'sh', щ: 'shch', ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya', і: 'i' },
  ...{ є: 'ye', ґ: 'g', ў: 'u', ј: 'j', љ: 'lj', њ: 'nj', ћ: 'c', ђ: 'd', џ: 'dz' },
}
const GREEK: Readonly<Record<string, string>> = {
  ...{ α: 'a', β: 'v', γ: 'g', δ: 'd', ε: 'e', ζ: 'z', η: 'i', θ: 'th', ι: 'i', κ: 'k', λ: 'l' },
  ...{ μ: 'm', ν: 'n', ξ: 'x', ο: 'o', π: 'p', ρ: 'r', σ: 's', ς: 's', τ: 't', υ: 'y', φ: 'f' },
  ...{ χ: 'ch', ψ: 'ps', ω: 'o' },
}
const OTHER_LETTERS = /[\u0080-\u03ff\u0400-\u04ff]/g
const TABLE: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...LATIN, ...CYRILLIC, ...GREEK }),
)

/** Lower case without signs on letters and without apostrophes; other scripts stay (Unicode NFKD). */
export const folded = (text: string): string =>
  text
    .replace(/['’‘`´ʻ]/g, '')
    .replace(/[¼½¾⅓⅔×]/g, ' $& ')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/⁄/g, ' ')

/** What `folded` gives, in Latin letters where the alphabet is Cyrillic or Greek. */
export const inLatin = (text: string): string =>
  text.replace(OTHER_LETTERS, (letter) => TABLE.get(letter) ?? letter)

/** `й` is written y, j or i, `х` kh or h: equal for all the usual ways to write a Russian name. */
export const loosely = (latin: string): string =>
  latin
    .replace(/shch|sch|sh/g, 's')
    .replace(/zh/g, 'z')
    .replace(/kh/g, 'h')
    .replace(/t[sz]/g, 'c')
    .replace(/[yj]o/g, 'e')
    .replace(/[yj]/g, 'i')
    .replace(/i+/g, 'i')

/** Longer names are cut before any pattern sees them; UTF-16 units. */
export const MAX_NAME = 255
/** Of a whole path in a torrent: its end says which file it is. */
export const MAX_PATH = 1024
